package dev.tokenmeter.aggregator.anomaly;

import java.time.Instant;
import java.util.List;

/**
 * What is new of one tenant in one slot of time under one combination of values.
 *
 * @param slot start of the slot, a multiple of {@link Slots#LENGTH}
 * @param values of the detector's dimensions, in their order; empty for none
 */
public record Delta(String tenant, Instant slot, List<String> values, Amount amount) {
    /** Copies the values. */
    public Delta {
        values = List.copyOf(values);
    }
}
