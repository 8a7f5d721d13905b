package dev.tokenmeter.aggregator;

import dev.tokenmeter.aggregator.anomaly.Delta;
import dev.tokenmeter.aggregator.anomaly.Detector;
import dev.tokenmeter.aggregator.anomaly.DetectorConfig;
import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.service.TenantSettings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Feeds the detector of anomalies: each second, or where much is new every five, so that an event costs one sum here. What has
 * gone silent is looked for only while events of the last minutes have been coming for a while: neither a pipeline that stands
 * still nor one that catches up says anything about its sources.
 */
final class AnomalyWatch extends ContextualProcessor<TenantKey, Counted, String, Anomaly> {
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** Up to so many are taken at each tick. */
    private static final int FEW = 1_000;
    /** So many are taken at once. */
    private static final int MANY = 50_000;

    private static final Duration LATEST = Duration.ofMinutes(15);
    private static final Duration SETTLED = Duration.ofMinutes(10);
    private static final Duration RECOUNT = Duration.ofHours(1);

    private final DetectorConfig config;
    private final TenantSettings tenants;
    private final Duration retention;
    private final MeterRegistry meters;
    private final Counter others;
    private AnomalyPending pending;
    private Detector detector;
    private Instant takenAt = Instant.EPOCH;
    private Instant newest = Instant.EPOCH;
    private Instant livelySince = Instant.MAX;

    /** @param retention how long days are kept against event time */
    AnomalyWatch(DetectorConfig config, TenantSettings tenants, Duration retention, MeterRegistry meters) {
        this.config = config;
        this.tenants = tenants;
        this.retention = retention;
        this.meters = meters;
        this.others = Counter.builder("tokenmeter.aggregator.anomaly.others")
                .description("Sums of a slot with a value that is not told apart, as there are too many")
                .register(meters);
        DetectorConfig.RULES.forEach(this::counter);
    }

    private Counter counter(String rule) {
        return Counter.builder("tokenmeter.aggregator.anomalies")
                .description("Records of anomalies written; an aborted transaction's are counted again")
                .tag("rule", rule)
                .register(meters);
    }

    @Override
    public void init(ProcessorContext<String, Anomaly> context) {
        super.init(context);
        AnomalyStores stores = new AnomalyStores(context);
        pending = new AnomalyPending(context, config.dimensions());
        detector = new Detector(config, tenants::zone, stores.state(), this::tell);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
        context.schedule(RECOUNT, PunctuationType.WALL_CLOCK_TIME, now -> detector.forgetCounts());
        stores.expire(context, this::oldest);
    }

    private AnomalyStores.Oldest oldest() {
        Instant watermark = Instant.ofEpochMilli(Math.max(0, Watermark.of(context())));
        return new AnomalyStores.Oldest(
                LocalDate.ofInstant(watermark.minus(retention), ZoneOffset.UTC),
                watermark.minus(config.hoursKept()),
                watermark.minus(config.slotsKept()));
    }

    @Override
    public void process(Record<TenantKey, Counted> record) {
        pending.add(record.key().tenant(), record.value());
        if (pending.size() >= MANY) {
            take(Instant.ofEpochMilli(context().currentSystemTimeMs()));
        }
    }

    private void tick(long nowMs) {
        Instant now = Instant.ofEpochMilli(nowMs);
        if (pending.size() <= FEW || !takenAt.plus(PATIENCE).isAfter(now)) {
            take(now);
        }
        boolean lively = newest.isAfter(now.minus(LATEST));
        if (!lively) {
            livelySince = Instant.MAX;
        } else if (livelySince.equals(Instant.MAX)) {
            livelySince = now;
        } else if (!livelySince.plus(SETTLED).isAfter(now)) {
            detector.look(now);
        }
    }

    private void take(Instant now) {
        List<Delta> taken = pending.take();
        takenAt = now;
        for (Delta delta : taken) {
            if (delta.slot().isAfter(newest) && !delta.slot().isAfter(now)) {
                newest = delta.slot();
            }
        }
        others.increment(detector.add(taken, now));
    }

    private void tell(Anomaly anomaly) {
        counter(anomaly.getRule()).increment();
        context().forward(new Record<>(anomaly.getTenant(), anomaly, context().currentSystemTimeMs()));
    }
}
