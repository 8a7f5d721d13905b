package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.UsageRollup;

/** What changes rollups. */
sealed interface RollupInput permits Counted, RollupInput.Replacement {
    /** A rollup as a rebuild summed it. */
    record Replacement(UsageRollup rollup) implements RollupInput {}
}
