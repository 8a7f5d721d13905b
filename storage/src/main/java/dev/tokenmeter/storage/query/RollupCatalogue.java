package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.PricingClass;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which group of rollups answers a question exactly with the fewest rows: of those that have all dimensions that it mentions,
 * the one with the fewest.
 */
public final class RollupCatalogue {
    /** The group of whole tenants, which is always there. */
    public static final String TENANT = "tenant";

    /** The finest group. */
    public static final String DETAIL = "detail";

    /** What the aggregator puts into the finest unless told otherwise. */
    public static final List<String> DEFAULT_DIMENSIONS = List.of(
            "tenant",
            "provider",
            "model",
            "api_key_id",
            "tag.team",
            "tag.feature",
            "tag.environment",
            PricingClass.DIMENSION);

    private static final Duration HOUR = Duration.ofHours(1);

    private final List<Group> smallestFirst;
    private final RollupCoverage coverage;

    private record Group(String name, Set<String> dimensions) {}

    /** @param groups dimensions by name of the group, as the aggregator is set up; none to answer from events always */
    public RollupCatalogue(Map<String, List<String>> groups) {
        this(groups, null);
    }

    private RollupCatalogue(Map<String, List<String>> groups, RollupCoverage coverage) {
        this.coverage = coverage;
        List<Group> all = new ArrayList<>();
        groups.forEach((name, dimensions) -> all.add(new Group(name, Set.copyOf(dimensions))));
        all.sort(Comparator.comparingInt((Group group) -> group.dimensions.size())
                .thenComparing(Group::name));
        this.smallestFirst = List.copyOf(all);
    }

    /** The same, where a group is asked only about times of which it holds what the settings say. */
    public static RollupCatalogue checked(Map<String, List<String>> groups, ClickHouse clickHouse) {
        Map<String, Set<String>> names = new HashMap<>();
        groups.forEach((name, dimensions) -> names.put(name, Set.copyOf(dimensions)));
        return new RollupCatalogue(groups, new RollupCoverage(clickHouse, names, System::nanoTime));
    }

    /** The groups that there are unless told otherwise. */
    public static RollupCatalogue byDefault() {
        return new RollupCatalogue(Map.of(TENANT, List.of("tenant"), DETAIL, DEFAULT_DIMENSIONS));
    }

    /** None. */
    public static RollupCatalogue none() {
        return new RollupCatalogue(Map.of());
    }

    /** Name of the best group that has all of these dimensions and holds that time, if there is one. */
    Optional<String> groupWith(Collection<String> dimensionNames, TimeRange range) {
        return smallestFirst.stream()
                .filter(group -> group.dimensions.containsAll(dimensionNames))
                .map(Group::name)
                .filter(name -> holds(name, range))
                .findFirst();
    }

    private boolean holds(String group, TimeRange range) {
        return coverage == null
                || coverage.holds(group, "day", range.from()) && coverage.holds(group, "hour", range.from());
    }

    /** Whether rollups can begin and end where the range does. */
    static boolean fits(TimeRange range) {
        return range.isAlignedTo(HOUR);
    }
}
