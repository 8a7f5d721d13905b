package dev.tokenmeter.aggregator.rebuild;

import java.util.Map;

/**
 * A cut through the usage topic.
 *
 * @param offsets by partition, where its record stands: what is before belongs to the rebuild
 */
public record Cut(RebuildScope scope, Map<Integer, Long> offsets) {
    /** Whether a record of the usage topic stands before it. */
    public boolean isAfter(int partition, long offset) {
        Long cut = offsets.get(partition);
        return cut != null && offset < cut;
    }
}
