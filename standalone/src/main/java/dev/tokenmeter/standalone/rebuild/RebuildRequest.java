package dev.tokenmeter.standalone.rebuild;

import dev.tokenmeter.storage.query.TimeRange;
import java.util.Optional;
import java.util.Set;

/**
 * What is to be rebuilt.
 *
 * @param range whole days, UTC
 * @param tenant whose; empty for all
 * @param groups names; empty for all that the aggregator sums
 * @param fromLog whether events are read from the log, and not from ClickHouse
 * @param dryRun whether only to tell what differs
 * @param force whether to replace also what is told right already: the aggregator's state may lack it
 */
public record RebuildRequest(
        TimeRange range, Optional<String> tenant, Set<String> groups, boolean fromLog, boolean dryRun, boolean force) {}
