package dev.tokenmeter.aggregator;

import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The sums of rollups, and which of them have changed since they were last told: many changes make one word. A sum is in the
 * store at every commit; the objects here only spare reading it back. Windows with untold changes are in a store as well, as
 * a crash may come between a commit and the next word: after it, all of such a window is told again.
 */
final class RollupBook {
    static final String SUMS = "rollup-sums";
    static final String UNTOLD = "rollup-windows-untold";

    /** Of sums that are told, so many are held, the latest; each takes about a kilobyte. */
    private static final int HELD = 10_000;

    private final KeyValueStore<String, RollupSum> store;
    private final KeyValueStore<String, String> untoldWindows;
    private final Set<Instant> marked = new HashSet<>();
    private final Map<String, RollupSum> untold = new LinkedHashMap<>();
    private final Map<String, RollupSum> told = new LinkedHashMap<>(HELD * 2, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, RollupSum> eldest) {
            return size() > HELD;
        }
    };

    RollupBook(ProcessingContext context) {
        store = context.getStateStore(SUMS);
        untoldWindows = context.getStateStore(UNTOLD);
        try (KeyValueIterator<String, String> windows = untoldWindows.all()) {
            windows.forEachRemaining(window -> recall(window.key));
        }
        untold.forEach((key, sum) -> {
            sum.renew(context.currentSystemTimeMs());
            store.put(key, sum);
        });
    }

    private void recall(String window) {
        marked.add(Instant.parse(window));
        try (KeyValueIterator<String, RollupSum> sums =
                store.prefixScan(JsonKey.prefix(List.of(window)), new StringSerializer())) {
            sums.forEachRemaining(sum -> untold.put(sum.key, sum.value));
        }
    }

    /** Cached: of what changes between two commits, the last is written. */
    static List<StoreBuilder<?>> stores() {
        return List.of(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(SUMS), Serdes.String(), RollupSum.serde())
                        .withCachingEnabled(),
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(UNTOLD), Serdes.String(), Serdes.String()));
    }

    void expire(ProcessingContext context, Supplier<String> end, Predicate<String> expired) {
        Sweep.schedule(context, store, end, (key, sum) -> expired.test(key));
    }

    void add(String key, Window window, DimensionGroup group, Counted event, long nowMs) {
        RollupSum sum = sum(key, group);
        sum.add(event, window, nowMs);
        store.put(key, sum);
        mark(window.start());
    }

    /** Puts a sum in the place of another. */
    void replace(String key, RollupSum sum, long nowMs) {
        RollupSum held = untold.get(key) == null ? told.remove(key) : untold.get(key);
        sum.replace(held == null ? store.get(key) : held, nowMs);
        untold.put(key, sum);
        store.put(key, sum);
        mark(sum.windowStart());
    }

    private void mark(Instant windowStart) {
        if (marked.add(windowStart)) {
            untoldWindows.put(windowStart.toString(), "");
        }
    }

    /** It is untold from now on. */
    private RollupSum sum(String key, DimensionGroup group) {
        RollupSum sum = untold.get(key);
        if (sum == null) {
            sum = told.remove(key);
            if (sum == null) {
                sum = store.get(key);
            }
            if (sum == null) {
                sum = RollupSum.none(group);
            }
            untold.put(key, sum);
        }
        return sum;
    }

    /** How many have changed since they were last told. */
    int untold() {
        return untold.size();
    }

    /** Tells all that have changed. */
    void tell(BiConsumer<String, RollupSum> listener) {
        untold.forEach(listener);
        told.putAll(untold);
        untold.clear();
        marked.forEach(window -> untoldWindows.delete(window.toString()));
        marked.clear();
    }
}
