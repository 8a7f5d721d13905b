package dev.tokenmeter.aggregator.anomaly;

import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** A table in memory, for tests and benchmarks. */
public final class MemoryTable<V> implements Table<V> {
    private final TreeMap<String, V> entries = new TreeMap<>();

    /** An empty one. */
    public MemoryTable() {}

    @Override
    public V get(String key) {
        return entries.get(key);
    }

    @Override
    public void put(String key, V value) {
        if (value == null) {
            entries.remove(key);
        } else {
            entries.put(key, value);
        }
    }

    @Override
    public void scan(String from, String to, BiConsumer<String, V> visitor) {
        NavigableMap<String, V> tail = from == null ? entries : entries.tailMap(from, true);
        (to == null ? tail : tail.headMap(to, false)).forEach(visitor);
    }
}
