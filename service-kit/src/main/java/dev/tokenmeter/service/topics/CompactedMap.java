package dev.tokenmeter.service.topics;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * A compacted topic as a map, in the order of its keys. Written by one follower's thread, read by any.
 *
 * @param <T> the topic's values
 */
public final class CompactedMap<T> extends CatchingUpView<T> {
    private final Map<String, T> values = new ConcurrentSkipListMap<>();

    @Override
    public void put(String key, T value) {
        values.put(key, value);
    }

    @Override
    public void remove(String key) {
        values.remove(key);
    }

    @Override
    public int size() {
        return values.size();
    }

    /** What stands under the key. */
    public Optional<T> get(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /** All that is known now, a copy. */
    public Collection<T> all() {
        return List.copyOf(values.values());
    }
}
