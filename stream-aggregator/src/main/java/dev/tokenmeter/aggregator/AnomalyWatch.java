package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Anomaly;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** Puts each change of a tenant's day before the rule, and reports a day that breaks it once. */
final class AnomalyWatch extends ContextualProcessor<String, DaySpend, String, Anomaly> {
    static final String STORE = "anomalies-reported";

    private final DayOverAverage rule;
    private final long retentionMs;
    private DaySpendStore days;
    private KeyValueStore<TenantKey, Long> reportedAt;

    AnomalyWatch(DayOverAverage rule, Duration retention) {
        this.rule = rule;
        this.retentionMs = retention.toMillis();
    }

    /** Rule's tenant and day to when it was reported (wall clock, ms). */
    static StoreBuilder<?> store() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), TenantKey.serde(), Serdes.Long());
    }

    @Override
    public void init(ProcessorContext<String, Anomaly> context) {
        super.init(context);
        days = new DaySpendStore(context);
        reportedAt = context.getStateStore(STORE);
        Sweep.schedule(
                context, reportedAt, (key, at) -> LocalDate.parse(key.last()).isBefore(oldest()));
    }

    private LocalDate oldest() {
        return LocalDate.ofInstant(
                Instant.ofEpochMilli(Math.max(0, Watermark.of(context()) - retentionMs)), ZoneOffset.UTC);
    }

    @Override
    public void process(Record<String, DaySpend> record) {
        DaySpend day = record.value();
        TenantKey key =
                TenantKey.of(day.tenant(), DayOverAverage.NAME, day.day().toString());
        if (reportedAt.get(key) != null) {
            return;
        }
        long now = context().currentSystemTimeMs();
        rule.judge(day, days, Instant.ofEpochMilli(now)).ifPresent(anomaly -> {
            reportedAt.put(key, now);
            context().forward(new Record<>(anomaly.getTenant(), anomaly, now));
        });
    }
}
