package dev.tokenmeter.aggregator;

import java.time.Duration;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Keeps a key-value store bounded: goes over it once an hour, some thousand entries a second so that traffic is not held
 * up, and deletes what has expired. Runs on the task's stream thread.
 */
final class Sweep<K, V> {
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final long PAUSE_MS = Duration.ofHours(1).toMillis();
    private static final int ENTRIES_PER_TICK = 10_000;

    private final KeyValueStore<K, V> store;
    private final Supplier<K> end;
    private final BiPredicate<K, V> expired;
    private K cursor;
    private boolean resting;
    private long nextRoundAt;

    private Sweep(KeyValueStore<K, V> store, Supplier<K> end, BiPredicate<K, V> expired) {
        this.store = store;
        this.end = end;
        this.expired = expired;
    }

    /** Sweeps the whole store. */
    static <K, V> void schedule(ProcessingContext context, KeyValueStore<K, V> store, BiPredicate<K, V> expired) {
        schedule(context, store, () -> null, expired);
    }

    /**
     * Sweeps the store's beginning.
     *
     * @param end the key up to which something may have expired; null for all
     */
    static <K, V> void schedule(
            ProcessingContext context, KeyValueStore<K, V> store, Supplier<K> end, BiPredicate<K, V> expired) {
        Sweep<K, V> sweep = new Sweep<>(store, end, expired);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, sweep::tick);
    }

    private void tick(long nowMs) {
        if (resting && nowMs < nextRoundAt) {
            return;
        }
        resting = false;
        if (isRoundDone()) {
            cursor = null;
            resting = true;
            nextRoundAt = nowMs + PAUSE_MS;
        }
    }

    private boolean isRoundDone() {
        try (KeyValueIterator<K, V> entries = store.range(cursor, end.get())) {
            for (int i = 0; i < ENTRIES_PER_TICK; i++) {
                if (!entries.hasNext()) {
                    return true;
                }
                KeyValue<K, V> entry = entries.next();
                cursor = entry.key;
                if (expired.test(entry.key, entry.value)) {
                    store.delete(entry.key);
                }
            }
        }
        return false;
    }
}
