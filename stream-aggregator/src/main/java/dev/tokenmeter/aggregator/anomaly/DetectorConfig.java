package dev.tokenmeter.aggregator.anomaly;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a detector looks at, and when it says something.
 *
 * @param rules names of the rules that are asked
 * @param dimensions by whose values a tenant's calls are looked at as well, and by which differences are explained
 * @param maxSubjects how many values of each dimension are told apart, of each tenant
 * @param groupMinSpendUsd the least day of a group of a tenant that is worth an alarm, USD
 * @param groupHourMinSpendUsd the least hour of a group of a tenant that is worth an alarm, USD
 * @param days the rule {@code day_over_average} for tenants
 * @param hours the rule {@code hour_of_week} for tenants
 * @param tokens the rule {@code token_rate}, of keys
 * @param silence the rule {@code silent_source}
 * @param sources the dimensions of which a value that calls no more is missed; {@code tenant} for the tenant as a whole
 */
public record DetectorConfig(
        Set<String> rules,
        List<String> dimensions,
        int maxSubjects,
        BigDecimal groupMinSpendUsd,
        BigDecimal groupHourMinSpendUsd,
        DayOverAverage days,
        HourOfWeek hours,
        TokenRate tokens,
        SilentSource silence,
        Set<String> sources) {
    /** All rules, in the order in which they are asked. */
    public static final List<String> RULES =
            List.of(DayOverAverage.NAME, HourOfWeek.NAME, TokenRate.NAME, SilentSource.NAME);
    /** How long after it began an hour is judged again when figures change. */
    static final Duration HOURS_JUDGED = Duration.ofDays(7);
    /** By which keys are told apart. */
    public static final String KEY = "api_key_id";

    /** Copies the collections. */
    public DetectorConfig {
        rules = Set.copyOf(rules);
        dimensions = List.copyOf(dimensions);
        sources = Set.copyOf(sources);
    }

    boolean asks(String rule) {
        return rules.contains(rule);
    }

    /** How far back days are compared. */
    public Duration daysCompared() {
        return Duration.ofDays(Math.max(days.windowDays(), tokens.windowDays()) + 1L);
    }

    /** How long hours are needed. */
    public Duration hoursKept() {
        return HOURS_JUDGED.plusDays(7L * Math.max(hours.weeks(), silence.weeks()) + 2L);
    }

    /** How long slots are needed; what comes later is missed by the rule about tokens. */
    public Duration slotsKept() {
        return Duration.ofDays(2);
    }
}
