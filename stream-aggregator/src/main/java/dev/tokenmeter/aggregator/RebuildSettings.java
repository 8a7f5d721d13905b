package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a rebuild must know of the aggregator that it tells: the settings that this was started with. */
public final class RebuildSettings {
    private final AggregatorConfig config;

    private RebuildSettings(AggregatorConfig config) {
        this.config = config;
    }

    /** @throws SettingException as the aggregator itself */
    public static RebuildSettings from(Settings settings) {
        return new RebuildSettings(AggregatorConfig.from(settings));
    }

    /** The consumer group, and the prefix of internal topics. */
    public String applicationId() {
        return config.streams().applicationId();
    }

    /** Names of the groups that it sums. */
    public List<String> groups() {
        return config.groups().stream().map(DimensionGroup::name).toList();
    }

    /** By which lengths of windows it sums. */
    public Set<Granularity> granularities() {
        return EnumSet.copyOf(config.granularities());
    }

    /** Sums of windows within a stretch of time; see {@link RollupSums}. */
    public RollupSums sums(Set<String> groups, Set<Granularity> granularities, Instant from, Instant until) {
        return new RollupSums(config, groups, granularities, from, until);
    }
}
