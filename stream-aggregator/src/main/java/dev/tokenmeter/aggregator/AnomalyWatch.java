package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Anomaly;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.NavigableMap;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Puts a day of a tenant that changed before the rule, and with it all later days that are compared with it. A day that
 * breaks the rule is reported once, and taken back should it turn out not to; so what stands in the end does not depend on
 * the order in which events came.
 */
final class AnomalyWatch extends ContextualProcessor<String, DayChange, String, Anomaly> {
    static final String STORE = "anomalies-told";

    private final DayOverAverage rule;
    private final long retentionMs;
    private DaySpendStore days;
    private KeyValueStore<TenantKey, Anomaly> told;

    AnomalyWatch(DayOverAverage rule, Duration retention) {
        this.rule = rule;
        this.retentionMs = retention.toMillis();
    }

    /** Rule's tenant and day to what was told of it last. */
    static StoreBuilder<?> store(Serde<Anomaly> anomalies) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), TenantKey.serde(), anomalies);
    }

    @Override
    public void init(ProcessorContext<String, Anomaly> context) {
        super.init(context);
        days = new DaySpendStore(context);
        told = context.getStateStore(STORE);
        Sweep.schedule(
                context, told, (key, anomaly) -> LocalDate.parse(key.last()).isBefore(oldest()));
    }

    private LocalDate oldest() {
        return LocalDate.ofInstant(
                Instant.ofEpochMilli(Math.max(0, Watermark.of(context()) - retentionMs)), ZoneOffset.UTC);
    }

    @Override
    public void process(Record<String, DayChange> record) {
        DayChange change = record.value();
        Instant now = Instant.ofEpochMilli(context().currentSystemTimeMs());
        LocalDate last = earlier(rule.lastComparedWith(change), LocalDate.ofInstant(now, ZoneOffset.UTC));
        LocalDate firstDay = days.firstDay(change.tenant());
        NavigableMap<LocalDate, BigDecimal> spent =
                days.days(change.tenant(), change.day().minusDays(rule.windowDays()), last);
        for (LocalDate day : spent.tailMap(change.day(), true).keySet()) {
            tell(change.tenant(), day, rule.judge(change.tenant(), day, spent, firstDay, now), now);
        }
    }

    private static LocalDate earlier(LocalDate a, LocalDate b) {
        return a.isBefore(b) ? a : b;
    }

    private void tell(String tenant, LocalDate day, Optional<Anomaly> found, Instant now) {
        TenantKey key = TenantKey.of(tenant, DayOverAverage.NAME, day.toString());
        Anomaly before = told.get(key);
        boolean stood = before != null && !before.getResolved();
        if (found.isPresent() == stood) {
            return;
        }
        Anomaly anomaly = Anomaly.newBuilder(found.orElse(before))
                .setResolved(found.isEmpty())
                .setRevision(Revision.after(before == null ? 0 : before.getRevision(), now.toEpochMilli()))
                .build();
        told.put(key, anomaly);
        context().forward(new Record<>(tenant, anomaly, now.toEpochMilli()));
    }
}
