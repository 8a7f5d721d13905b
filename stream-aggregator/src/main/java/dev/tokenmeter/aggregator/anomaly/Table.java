package dev.tokenmeter.aggregator.anomaly;

import java.util.function.BiConsumer;

/** A part of the detector's state: values by text, in the order of the text. One thread. */
public interface Table<V> {
    /** Null for none. */
    V get(String key);

    /** @param value null to delete */
    void put(String key, V value);

    /**
     * Visits entries in order. The visitor must not change the table.
     *
     * @param from inclusive; null for the first
     * @param to exclusive; null for no end
     */
    void scan(String from, String to, BiConsumer<String, V> visitor);
}
