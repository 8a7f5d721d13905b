package dev.tokenmeter.service.topics;

/**
 * A compacted topic's records in memory. Written by one follower's thread, read by any.
 *
 * @param <T> the topic's values
 */
public interface CompactedView<T> {
    /** Adds or replaces what stands under the key. */
    void put(String key, T value);

    /** Removes what stands under the key, if anything does. */
    void remove(String key);

    /** Called when what has arrived so far has been put and removed: for views that would rather change once than each time. */
    default void settled() {}

    /** To be called once everything that was written before the start has been read. */
    void markCaughtUp();

    /** Whether what is not here does not exist. */
    boolean isCaughtUp();

    /** Number of entries. */
    int size();
}
