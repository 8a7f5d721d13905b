package dev.tokenmeter.aggregator;

import dev.tokenmeter.aggregator.anomaly.DetectorConfig;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.PricingClass;
import dev.tokenmeter.schemas.budget.BudgetDimensions;
import dev.tokenmeter.service.BudgetSettings;
import dev.tokenmeter.service.ConsumerGroups;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.TenantSettings;
import dev.tokenmeter.service.streams.StreamsSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Settings of the stream aggregator, section {@code stream-aggregator}, and what it shares on budgets.
 *
 * @param streams threads, state directory and the like
 * @param lateAfter an event older than this against event time is refused
 * @param dedupeHorizon how long an event id is remembered; at least {@code lateAfter}
 * @param correctableFor a correction of an event older than this against event time is refused; at least {@code lateAfter}
 * @param groups sets of dimensions to roll up by; the group {@code tenant} is always there
 * @param granularities lengths of windows to roll up by; day is always there
 * @param anomalies the rules for what is out of the ordinary
 * @param budgetDimensions by which budgets may be limited to some of a tenant's calls
 * @param tenants by whose clocks days are
 * @param untoldRollups how long changes of rollups may wait until they are told
 */
record AggregatorConfig(
        StreamsSettings streams,
        Duration lateAfter,
        Duration dedupeHorizon,
        Duration correctableFor,
        List<DimensionGroup> groups,
        List<Granularity> granularities,
        DetectorConfig anomalies,
        BudgetDimensions budgetDimensions,
        TenantSettings tenants,
        UntoldRollups untoldRollups) {

    static final String SECTION = "stream-aggregator";
    private static final String PREFIX = SECTION + ".";
    private static final String GROUPS = PREFIX + "dimension-groups";
    private static final String GRANULARITIES = PREFIX + "granularities";

    private static final Duration LONGEST_PATIENCE = Duration.ofMinutes(1);
    private static final Duration LONGEST_WINDOW = Duration.ofDays(31);
    /** The running quarter and a week to look at its bill. */
    private static final Duration CORRECTABLE_FOR = Duration.ofDays(100);

    private static final Map<String, List<String>> DEFAULT_GROUPS = Map.of(
            DimensionGroup.TENANT,
            List.of(Dimension.TENANT),
            "detail",
            List.of(
                    "tenant",
                    "provider",
                    "model",
                    "api_key_id",
                    "tag.team",
                    "tag.feature",
                    "tag.environment",
                    PricingClass.DIMENSION));

    /** Reads and checks them. */
    static AggregatorConfig from(Settings settings) {
        Duration lateAfter = settings.duration(PREFIX + "late-after", Duration.ofDays(35));
        return new AggregatorConfig(
                StreamsSettings.from(settings, SECTION, ConsumerGroups.AGGREGATOR),
                lateAfter,
                atLeastLateAfter(settings, "dedupe-horizon", lateAfter.plusDays(1), lateAfter),
                atLeastLateAfter(settings, "correctable-for", CORRECTABLE_FOR, lateAfter),
                groups(settings),
                granularities(settings),
                AnomalySettings.from(settings),
                BudgetSettings.dimensions(settings),
                TenantSettings.from(settings),
                untoldRollups(settings));
    }

    /** All dimensions that rollups, budgets and rules about anomalies go by. */
    List<Dimension> dimensions() {
        Map<String, Dimension> byName = new LinkedHashMap<>();
        groups.forEach(group -> group.dimensions().forEach(one -> byName.put(one.name(), one)));
        budgetDimensions.names().forEach(name -> byName.put(name, Dimension.named(name)));
        anomalies.dimensions().forEach(name -> byName.put(name, Dimension.named(name)));
        return List.copyOf(byName.values());
    }

    /**
     * How long windows, days and statuses are kept against event time: the oldest event that may still change, the month
     * to which it belongs, and the days with which a rule about anomalies compares its day.
     */
    Duration stateRetention() {
        return correctableFor.plus(longer(anomalies.daysCompared(), LONGEST_WINDOW));
    }

    private static UntoldRollups untoldRollups(Settings settings) {
        String patience = PREFIX + "rollups.max-delay";
        Duration found = settings.duration(patience, Duration.ofSeconds(1));
        if (found.compareTo(LONGEST_PATIENCE) > 0) {
            throw new SettingException(patience, "found " + found, "at most " + LONGEST_PATIENCE);
        }
        return new UntoldRollups(found, settings.integer(PREFIX + "rollups.max-untold", 20_000, 1, 1_000_000));
    }

    private static Duration atLeastLateAfter(Settings settings, String name, Duration byDefault, Duration lateAfter) {
        Duration horizon = settings.duration(PREFIX + name, longer(byDefault, lateAfter));
        if (horizon.compareTo(lateAfter) < 0) {
            throw new SettingException(
                    PREFIX + name, "found " + horizon, "at least " + PREFIX + "late-after, which is " + lateAfter);
        }
        return horizon;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    private static List<DimensionGroup> groups(Settings settings) {
        Map<String, List<String>> named = new TreeMap<>();
        for (String name : settings.names(GROUPS)) {
            named.put(name, settings.list(GROUPS + "." + name));
        }
        if (named.isEmpty()) {
            named.putAll(DEFAULT_GROUPS);
        }
        named.putIfAbsent(DimensionGroup.TENANT, DEFAULT_GROUPS.get(DimensionGroup.TENANT));
        if (!named.get(DimensionGroup.TENANT).equals(DEFAULT_GROUPS.get(DimensionGroup.TENANT))) {
            throw new SettingException(
                    GROUPS + "." + DimensionGroup.TENANT,
                    "found " + named.get(DimensionGroup.TENANT),
                    "[tenant], as sums of tenants are read from it");
        }
        List<DimensionGroup> groups = new ArrayList<>();
        named.forEach((name, dimensions) -> groups.add(group(name, dimensions)));
        return groups;
    }

    private static DimensionGroup group(String name, List<String> dimensions) {
        String key = GROUPS + "." + name;
        if (!dimensions.contains(Dimension.TENANT) || Set.copyOf(dimensions).size() < dimensions.size()) {
            throw new SettingException(key, "found " + dimensions, "different dimensions, tenant among them");
        }
        try {
            return DimensionGroup.of(name, dimensions);
        } catch (IllegalArgumentException e) {
            throw new SettingException(key, "found dimension '" + e.getMessage() + "'", Dimension.ALLOWED);
        }
    }

    private static List<Granularity> granularities(Settings settings) {
        List<String> names = settings.list(GRANULARITIES);
        Set<Granularity> granularities = new TreeSet<>(Set.of(Granularity.day));
        for (String name : names.isEmpty() ? List.of("hour", "day") : names) {
            granularities.add(granularity(name));
        }
        return List.copyOf(granularities);
    }

    private static Granularity granularity(String name) {
        for (Granularity granularity : Granularity.values()) {
            if (granularity != Granularity.unknown && granularity.name().equals(name)) {
                return granularity;
            }
        }
        throw new SettingException(GRANULARITIES, "found '" + name + "'", "minute, hour, day, month");
    }
}
