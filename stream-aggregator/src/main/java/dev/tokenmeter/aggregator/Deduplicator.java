package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Lets each {@code event_id} through once, and each of its corrections once. All copies of an event are in one partition (its key is the API key), so the
 * store of ids already counted is local. An id is forgotten when event time is past both its arrival and its
 * {@code occurred_at} by the horizon; a copy that comes still later is refused as late before it gets here.
 */
final class Deduplicator extends ContextualProcessor<byte[], UsageEvent, byte[], UsageEvent> {
    static final String STORE = "event-ids";

    private final long horizonMs;
    private final Counter counted;
    private final Counter duplicates;
    private final Counter corrections;
    private final Duration correctableFor;
    private KeyValueStore<Bytes, Long> seenAt;
    private Revisions revisions;

    Deduplicator(Duration horizon, Duration correctableFor, MeterRegistry meters) {
        this.horizonMs = horizon.toMillis();
        this.correctableFor = correctableFor;
        this.counted = counter(meters, "counted");
        this.duplicates = counter(meters, "duplicate");
        this.corrections = counter(meters, "corrected");
    }

    /** Event id (16 bytes) to the event time (ms) from which its horizon counts. */
    static StoreBuilder<?> store() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.Bytes(), Serdes.Long());
    }

    @Override
    public void init(ProcessorContext<byte[], UsageEvent> context) {
        super.init(context);
        seenAt = context.getStateStore(STORE);
        Sweep.schedule(context, seenAt, (id, at) -> at < Watermark.of(context) - horizonMs);
        revisions = new Revisions(context, correctableFor);
    }

    @Override
    public void process(Record<byte[], UsageEvent> record) {
        Bytes id = bytes(record.value().getEventId());
        if (UsageCorrections.isCorrection(record.value())) {
            correction(id, record);
            return;
        }
        if (seenAt.get(id) != null) {
            duplicates.increment();
            return;
        }
        long occurredAt = record.value().getOccurredAt().toEpochMilli();
        seenAt.put(id, Math.max(occurredAt, Watermark.of(context())));
        counted.increment();
        context().forward(record);
    }

    private void correction(Bytes id, Record<byte[], UsageEvent> record) {
        if (revisions.isNew(id, record.value())) {
            corrections.increment();
            context().forward(record);
        } else {
            duplicates.increment();
        }
    }

    private static Bytes bytes(UUID id) {
        return Bytes.wrap(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array());
    }

    private static Counter counter(MeterRegistry meters, String result) {
        return Counter.builder("tokenmeter.aggregator.events")
                .description("Usage events by what became of them; an aborted transaction's are counted again")
                .tag("result", result)
                .register(meters);
    }
}
