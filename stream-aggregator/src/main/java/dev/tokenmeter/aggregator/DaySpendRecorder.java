package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.UsageRollup;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Keeps each tenant's spend by day as the rollups state it, and passes on what has changed. The state is the rollups'
 * figures themselves.
 */
final class DaySpendRecorder extends ContextualProcessor<String, UsageRollup, String, DayChange> {
    private final long retentionMs;
    private DaySpendStore days;

    DaySpendRecorder(Duration retention) {
        this.retentionMs = retention.toMillis();
    }

    @Override
    public void init(ProcessorContext<String, DayChange> context) {
        super.init(context);
        days = new DaySpendStore(context);
        Sweep.schedule(
                context, days.raw(), (key, spent) -> LocalDate.parse(key.last()).isBefore(oldest()));
    }

    private LocalDate oldest() {
        return LocalDate.ofInstant(
                Instant.ofEpochMilli(Math.max(0, Watermark.of(context()) - retentionMs)), ZoneOffset.UTC);
    }

    @Override
    public void process(Record<String, UsageRollup> record) {
        UsageRollup rollup = record.value();
        String tenant = rollup.getDimensions().get(Dimension.TENANT);
        LocalDate day = LocalDate.ofInstant(rollup.getWindowStart(), ZoneOffset.UTC);
        TenantKey key = DayChange.key(tenant, day);
        BigDecimal spent = rollup.getCostUsd();
        BigDecimal before = days.raw().get(key);
        if (before != null && before.compareTo(spent) == 0) {
            return;
        }
        LocalDate knownSince = days.firstDay(tenant);
        days.raw().put(key, spent);
        context()
                .forward(record.withKey(tenant)
                        .withValue(new DayChange(tenant, day, knownSince == null ? day : knownSince)));
    }
}
