package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.UsageRollup;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;

/** Passes rollup updates on unchanged, and drops the state of windows that no event can reach any more. */
final class RollupExpiry extends ContextualFixedKeyProcessor<String, UsageRollup, UsageRollup> {
    private final String storeName;
    private final long retentionMs;

    RollupExpiry(String storeName, Duration retention) {
        this.storeName = storeName;
        this.retentionMs = retention.toMillis();
    }

    @Override
    public void init(FixedKeyProcessorContext<String, UsageRollup> context) {
        super.init(context);
        TimestampedKeyValueStore<String, UsageRollup> rollups = context.getStateStore(storeName);
        Sweep.schedule(context, rollups, () -> RollupFanOut.firstKeyAt(oldest()), (key, rollup) -> isExpired(rollup));
    }

    private boolean isExpired(ValueAndTimestamp<UsageRollup> rollup) {
        return rollup.value().getWindowEnd().isBefore(oldest());
    }

    private Instant oldest() {
        return Instant.ofEpochMilli(Math.max(0, Watermark.of(context()) - retentionMs));
    }

    @Override
    public void process(FixedKeyRecord<String, UsageRollup> record) {
        context().forward(record);
    }
}
