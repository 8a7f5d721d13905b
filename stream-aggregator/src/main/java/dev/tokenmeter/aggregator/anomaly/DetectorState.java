package dev.tokenmeter.aggregator.anomaly;

import dev.tokenmeter.schemas.Anomaly;

/**
 * All that a detector remembers.
 *
 * @param cells sums by subject and time
 * @param details sums by tenant, time and combination of values
 * @param subjects the subjects that are told apart
 * @param told what was said last of each anomaly
 */
public record DetectorState(Table<Amount> cells, Table<Amount> details, Table<Known> subjects, Table<Anomaly> told) {
    /** An empty one in memory. */
    public static DetectorState inMemory() {
        return new DetectorState(new MemoryTable<>(), new MemoryTable<>(), new MemoryTable<>(), new MemoryTable<>());
    }
}
