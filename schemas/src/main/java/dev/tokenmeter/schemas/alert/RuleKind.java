package dev.tokenmeter.schemas.alert;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a rule of alerting looks at, and the bounds of its threshold. */
public enum RuleKind {
    /** A budget's forecast, in percent of its limit. */
    BUDGET_FORECAST(1, 10_000, 100),
    /** Calls that were refused here: by a budget, a limit of a key, or for want of a connection. */
    CAP_BLOCKING(1, 1e9, 10),
    /** Calls that a provider failed, in percent of those that it was asked. */
    ERROR_RATE(0.01, 100, 20),
    /** A percentile of how long calls take, in milliseconds. */
    LATENCY(1, 3_600_000, 0),
    /** A rate that differs from the one before by so many percent. */
    PRICE_CHANGE(0, 10_000, 0),
    /** How long the oldest event that is not counted or stored has waited, in seconds. */
    PIPELINE_LAG(5, 86_400, 300);

    private final double least;
    private final double most;
    private final double usual;

    RuleKind(double least, double most, double usual) {
        this.least = least;
        this.most = most;
        this.usual = usual;
    }

    /** As definitions and alerts name it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The kind of that name, if there is one. */
    public static Optional<RuleKind> of(String label) {
        return Arrays.stream(values())
                .filter(kind -> kind.label().equals(label))
                .findFirst();
    }

    /** For error messages. */
    public static String allowed() {
        return Arrays.stream(values()).map(RuleKind::label).collect(Collectors.joining(", "));
    }

    /** The threshold of a rule that names none; empty where it must name one. */
    public Optional<Double> usualThreshold() {
        return this == LATENCY ? Optional.empty() : Optional.of(usual);
    }

    boolean takes(double threshold) {
        return threshold >= least && threshold <= most;
    }

    String thresholds() {
        return "a number from " + number(least) + " to " + number(most);
    }

    private static String number(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }

    /** Whether it looks at calls, through rollups. */
    public boolean isOfCalls() {
        return this == CAP_BLOCKING || this == ERROR_RATE || this == LATENCY;
    }
}
