package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.AnomalyContributor;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.NumberFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Sentences about anomalies, of any rule and subject. Times are by the clocks of the anomaly's time zone. */
final class AnomalyWords {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ENGLISH);
    private static final String TENANT = "tenant";
    private static final Duration HOUR = Duration.ofHours(1);

    private AnomalyWords() {}

    /** What happened: who, the figure, what was expected, and what explains the difference. */
    static String found(Anomaly anomaly) {
        return switch (anomaly.getRule()) {
            case "hour_of_week" ->
                whose(anomaly) + " spent " + Usd.format(anomaly.getObservedUsd()) + " " + hours(anomaly) + " on "
                        + day(anomaly) + ", " + times(anomaly.getObservedUsd(), anomaly.getExpectedUsd())
                        + "the usual " + Usd.format(anomaly.getExpectedUsd()) + mostly(anomaly) + ".";
            case "token_rate" ->
                whose(anomaly) + " used " + count(anomaly.getObservedTokens()) + " tokens in the five minutes from "
                        + time(anomaly, anomaly.getWindowStart()) + " on " + day(anomaly) + ", "
                        + times(number(anomaly.getObservedTokens()), number(anomaly.getExpectedTokens())) + "the "
                        + count(anomaly.getExpectedTokens())
                        + " of its busiest five minutes on a usual day. It may be in a loop, or in wrong hands.";
            case "silent_source" ->
                whose(anomaly) + " has not called since " + time(anomaly, anomaly.getWindowStart()) + " on "
                        + day(anomaly) + "; by "
                        + time(anomaly, anomaly.getDetectedAt()) + " some " + count(anomaly.getExpectedRequests())
                        + " calls were to be expected.";
            default ->
                whose(anomaly) + " spent " + Usd.format(anomaly.getObservedUsd()) + " on " + day(anomaly)
                        + by(anomaly) + ", " + times(anomaly.getObservedUsd(), anomaly.getExpectedUsd())
                        + "its average day of " + Usd.format(anomaly.getExpectedUsd()) + mostly(anomaly) + ".";
        };
    }

    /** That it is none after all, or over. */
    static String resolved(Anomaly anomaly) {
        return switch (anomaly.getRule()) {
            case "silent_source" ->
                whose(anomaly) + " calls again. It had been silent since " + time(anomaly, anomaly.getWindowStart())
                        + " on " + day(anomaly) + ".";
            case "token_rate" ->
                "What " + lower(whose(anomaly)) + " used on " + day(anomaly)
                        + " is not out of the ordinary after all, by what became known of the days before.";
            default ->
                "What " + lower(whose(anomaly)) + " spent on " + day(anomaly)
                        + " is not out of the ordinary after all, by what became known of the days before.";
        };
    }

    /** "Tenant acme", "Team growth of tenant acme". */
    private static String whose(Anomaly anomaly) {
        String tenant = "enant " + anomaly.getTenant();
        return anomaly.getDimensions().entrySet().stream()
                .filter(dimension -> !dimension.getKey().equals(TENANT))
                .findFirst()
                .map(dimension -> upper(name(dimension)) + " of t" + tenant)
                .orElse("T" + tenant);
    }

    /** "team growth", "key batch-7". */
    private static String name(Map.Entry<String, String> dimension) {
        String name = dimension.getKey().equals("api_key_id")
                ? "key"
                : dimension.getKey().replaceFirst("^tag\\.", "").replace('_', ' ');
        return name + " " + dimension.getValue();
    }

    private static String upper(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static String lower(String text) {
        return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    }

    private static ZoneId zone(Anomaly anomaly) {
        return ZoneId.of(anomaly.getTimeZone());
    }

    private static String day(Anomaly anomaly) {
        return DAY.withZone(zone(anomaly)).format(anomaly.getWindowStart());
    }

    private static String time(Anomaly anomaly, Instant at) {
        return TIME.withZone(zone(anomaly)).format(at) + " " + anomaly.getTimeZone();
    }

    /** " by 14:05 UTC", while the day runs. */
    private static String by(Anomaly anomaly) {
        return anomaly.getDetectedAt().isBefore(anomaly.getWindowEnd())
                        && !anomaly.getDetectedAt().isBefore(anomaly.getWindowStart())
                ? " by " + time(anomaly, anomaly.getDetectedAt())
                : "";
    }

    private static String hours(Anomaly anomaly) {
        Instant start = anomaly.getWindowStart();
        boolean one = !anomaly.getWindowEnd().isAfter(start.plus(HOUR));
        return one
                ? "in the hour from " + time(anomaly, start)
                : "in hours between " + TIME.withZone(zone(anomaly)).format(start) + " and "
                        + time(anomaly, anomaly.getWindowEnd());
    }

    /** "3.1 times ", rounded down; "instead of " where there is nothing to multiply. */
    private static String times(BigDecimal observed, BigDecimal expected) {
        if (expected.signum() <= 0) {
            return "instead of ";
        }
        return observed.divide(expected, 1, RoundingMode.DOWN)
                        .stripTrailingZeros()
                        .toPlainString() + " times ";
    }

    private static BigDecimal number(Long count) {
        return count == null ? BigDecimal.ZERO : BigDecimal.valueOf(count);
    }

    private static String count(Long count) {
        return NumberFormat.getIntegerInstance(Locale.ENGLISH).format(count == null ? 0 : count);
    }

    /** "; mostly gpt-4o by key batch-7 (+$260.00)": the smallest part that is at least half of the difference. */
    private static String mostly(Anomaly anomaly) {
        BigDecimal half = anomaly.getObservedUsd()
                .subtract(anomaly.getExpectedUsd())
                .divide(BigDecimal.valueOf(2), RoundingMode.HALF_UP);
        Optional<AnomalyContributor> pair = anomaly.getContributors().stream()
                .filter(part ->
                        part.getDimensions().size() == 2 && difference(part).compareTo(half) >= 0)
                .findFirst();
        if (pair.isPresent()) {
            Map<String, String> of = pair.get().getDimensions();
            return "; mostly " + of.get("model") + " by key " + of.get("api_key_id") + plus(pair.get());
        }
        return anomaly.getContributors().stream()
                .filter(part -> part.getDimensions().size() == 1)
                .reduce((a, b) -> difference(b).compareTo(difference(a)) > 0 ? b : a)
                .map(part -> (difference(part).compareTo(half) >= 0 ? "; mostly " : "; most of all ")
                        + name(part.getDimensions().entrySet().iterator().next())
                        + plus(part))
                .orElse("");
    }

    private static BigDecimal difference(AnomalyContributor part) {
        return part.getObservedUsd().subtract(part.getExpectedUsd());
    }

    private static String plus(AnomalyContributor part) {
        return " (+" + Usd.format(difference(part)) + ")";
    }
}
