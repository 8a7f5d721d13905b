package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.PricingClass;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Says which queries the rollups of group {@code detail} answer exactly: those over whole hours that mention none but its
 * dimensions.
 */
public final class RollupCatalogue {
    /** The finest group of rollups. */
    public static final String GROUP = "detail";

    /** What the aggregator puts into it unless told otherwise. */
    public static final List<String> DEFAULT_DIMENSIONS = List.of(
            "tenant",
            "provider",
            "model",
            "api_key_id",
            "tag.team",
            "tag.feature",
            "tag.environment",
            PricingClass.DIMENSION);

    static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    private final Set<String> dimensions;

    /** @param dimensions of the group, as the aggregator is set up; none to answer from events always */
    public RollupCatalogue(List<String> dimensions) {
        this.dimensions = Set.copyOf(dimensions);
    }

    /** The query as rollups can answer it, or null if only events can. */
    UsageQuery rewritten(UsageQuery query, Instant now) {
        TimeRange range = query.range().upToRunningHour(now);
        return hold(query.dimensions()) && range.isAlignedTo(HOUR) ? query.within(range) : null;
    }

    /** Whether they have all of these. */
    boolean hold(Collection<Dimension> asked) {
        return !dimensions.isEmpty()
                && asked.stream().map(Dimension::dimensionName).allMatch(this::hold);
    }

    boolean hold(String dimensionName) {
        return dimensions.contains(dimensionName);
    }

    /** The coarsest rollups that a query over whole hours can be answered from. */
    static String granularity(UsageQuery query) {
        return query.bucket() != Bucket.HOUR && query.range().isAlignedTo(DAY) ? "day" : "hour";
    }
}
