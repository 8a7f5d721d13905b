package dev.tokenmeter.aggregator;

import dev.tokenmeter.aggregator.anomaly.DayOverAverage;
import dev.tokenmeter.aggregator.anomaly.DetectorConfig;
import dev.tokenmeter.aggregator.anomaly.HourOfWeek;
import dev.tokenmeter.aggregator.anomaly.SilentSource;
import dev.tokenmeter.aggregator.anomaly.TokenRate;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Settings of the rules about anomalies, {@code stream-aggregator.anomaly}; public for the benchmark of their defaults. */
public final class AnomalySettings {
    private static final String PREFIX = AggregatorConfig.SECTION + ".anomaly.";
    private static final String NONE = "none";
    private static final int MOST_GROUPS = 8;

    private AnomalySettings() {}

    /**
     * Reads and checks them.
     *
     * @throws dev.tokenmeter.service.SettingException if one is wrong
     */
    public static DetectorConfig from(Settings settings) {
        List<String> groups = groups(settings);
        return new DetectorConfig(
                rules(settings),
                groups,
                settings.integer(PREFIX + "max-subjects", 1_000, 1, 100_000),
                amount(settings, "group-min-spend-usd", "10"),
                amount(settings, "hour-of-week.group-min-spend-usd", "5"),
                days(settings),
                hours(settings),
                tokens(settings),
                silence(settings),
                sources(settings, groups));
    }

    private static Set<String> rules(Settings settings) {
        List<String> rules = listed(settings, "rules", DetectorConfig.RULES);
        for (String rule : rules) {
            if (!DetectorConfig.RULES.contains(rule)) {
                throw new SettingException(
                        PREFIX + "rules",
                        "found '" + rule + "'",
                        String.join(", ", DetectorConfig.RULES) + ", or " + NONE);
            }
        }
        return Set.copyOf(rules);
    }

    private static List<String> groups(Settings settings) {
        String key = PREFIX + "groups";
        List<String> groups = listed(settings, "groups", List.of("model", "api_key_id", "tag.feature", "tag.team"));
        if (groups.size() > MOST_GROUPS || new HashSet<>(groups).size() < groups.size()) {
            throw new SettingException(key, "found " + groups, "up to " + MOST_GROUPS + " different dimensions");
        }
        for (String group : groups) {
            try {
                if (!Dimension.named(group).name().equals(Dimension.TENANT)) {
                    continue;
                }
            } catch (IllegalArgumentException unknown) {
                // The same error as for the tenant, which is looked at anyway.
            }
            throw new SettingException(
                    key, "found dimension '" + group + "'", Dimension.ALLOWED + ", but not tenant; or " + NONE);
        }
        return groups;
    }

    private static Set<String> sources(Settings settings, List<String> groups) {
        Set<String> byDefault = new HashSet<>(Set.of(Dimension.TENANT));
        if (groups.contains("tag.feature")) {
            byDefault.add("tag.feature");
        }
        List<String> sources = listed(settings, "silent-source.of", List.copyOf(byDefault));
        for (String source : sources) {
            if (!source.equals(Dimension.TENANT) && !groups.contains(source)) {
                throw new SettingException(
                        PREFIX + "silent-source.of",
                        "found '" + source + "'",
                        "tenant, and what stands in " + PREFIX + "groups, which is " + groups);
            }
        }
        return Set.copyOf(sources);
    }

    private static List<String> listed(Settings settings, String name, List<String> byDefault) {
        List<String> found = settings.list(PREFIX + name);
        if (found.equals(List.of(NONE))) {
            return List.of();
        }
        return found.isEmpty() ? byDefault : found;
    }

    private static DayOverAverage days(Settings settings) {
        int windowDays = settings.integer(PREFIX + "window-days", 7, 1, 60);
        return new DayOverAverage(
                amount(settings, "factor", "2"),
                windowDays,
                settings.integer(PREFIX + "min-history-days", Math.min(3, windowDays), 1, windowDays),
                amount(settings, "min-spend-usd", "1"));
    }

    private static HourOfWeek hours(Settings settings) {
        int weeks = settings.integer(PREFIX + "hour-of-week.weeks", 4, 1, 8);
        return new HourOfWeek(
                amount(settings, "hour-of-week.factor", "3"),
                amount(settings, "hour-of-week.deviations", "6"),
                weeks,
                settings.integer(PREFIX + "hour-of-week.min-weeks", Math.min(2, weeks), 1, weeks),
                amount(settings, "hour-of-week.min-spend-usd", "1"));
    }

    private static TokenRate tokens(Settings settings) {
        int windowDays = settings.integer(PREFIX + "token-rate.window-days", 7, 1, 30);
        return new TokenRate(
                amount(settings, "token-rate.factor", "4"),
                windowDays,
                settings.integer(PREFIX + "token-rate.min-history-days", Math.min(3, windowDays), 1, windowDays),
                settings.number(PREFIX + "token-rate.min-tokens", 200_000, 1, 1_000_000_000_000L));
    }

    private static SilentSource silence(Settings settings) {
        int weeks = settings.integer(PREFIX + "silent-source.weeks", 3, 1, 8);
        return new SilentSource(
                settings.integer(PREFIX + "silent-source.hours", 2, 1, 100),
                weeks,
                settings.integer(PREFIX + "silent-source.min-weeks", Math.min(2, weeks), 1, weeks),
                settings.number(PREFIX + "silent-source.min-requests", 20, 1, 1_000_000_000L));
    }

    private static BigDecimal amount(Settings settings, String name, String byDefault) {
        String text = settings.string(PREFIX + name, byDefault);
        String allowed = "a number from 0 to 1000000 with at most 12 digits after the point";
        try {
            BigDecimal amount = new BigDecimal(text.strip());
            if (amount.signum() >= 0 && amount.compareTo(BigDecimal.valueOf(1_000_000)) <= 0 && amount.scale() <= 12) {
                return amount;
            }
        } catch (NumberFormatException notANumber) {
            // The same error as for a number out of bounds.
        }
        throw new SettingException(PREFIX + name, "found '" + text + "'", allowed);
    }
}
