package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.UsageEvent;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Remembers how far each corrected event has been corrected. Of two corrections of the same revision (two people re-priced
 * at once) the first in the log counts, here as in ClickHouse, so that sums and events agree on which.
 */
final class Revisions {
    static final String STORE = "event-revisions";

    /** @param at the corrected event's time, epoch ms */
    private record Last(int revision, long at) {
        static Serde<Last> serde() {
            return Serdes.serdeFrom(
                    (topic, last) -> last == null
                            ? null
                            : ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                                    .putInt(last.revision)
                                    .putLong(last.at)
                                    .array(),
                    (topic, bytes) -> bytes == null ? null : read(ByteBuffer.wrap(bytes)));
        }

        private static Last read(ByteBuffer bytes) {
            return new Last(bytes.getInt(), bytes.getLong());
        }
    }

    private final KeyValueStore<Bytes, Last> last;

    Revisions(ProcessingContext context, Duration correctableFor) {
        last = context.getStateStore(STORE);
        long keptMs = correctableFor.toMillis();
        Sweep.schedule(context, last, (id, seen) -> seen.at < Watermark.of(context) - keptMs);
    }

    static StoreBuilder<?> store() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.Bytes(), Last.serde());
    }

    /** Whether the correction is later than all that were seen of its event; from then on it is the last. */
    boolean isNew(Bytes id, UsageEvent correction) {
        Last seen = last.get(id);
        if (seen != null && seen.revision >= correction.getRevision()) {
            return false;
        }
        last.put(
                id,
                new Last(correction.getRevision(), correction.getOccurredAt().toEpochMilli()));
        return true;
    }
}
