package dev.tokenmeter.alerting.rule;

import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.schemas.alert.RuleKind;
import java.time.Duration;
import java.util.Locale;

/** Sentences about calls and the pipeline, for people. */
final class RuleWords {
    private RuleWords() {}

    static String broken(AlertRule rule, RuleKind kind, CallGroup group, Calls calls) {
        return switch (kind) {
            case CAP_BLOCKING ->
                figures(rule, kind, group, calls)
                        + " by its budgets, the limits of its keys or for want of a connection (the limit is "
                        + number(rule.getThreshold()) + ").";
            case ERROR_RATE ->
                figures(rule, kind, group, calls) + " (" + number(CallAlerts.figure(rule, kind, calls))
                        + " %; the limit is " + number(rule.getThreshold())
                        + " %). Look at the provider's status page.";
            default -> figures(rule, kind, group, calls) + " (the limit is " + seconds(rule.getThreshold()) + ").";
        };
    }

    static String calm(AlertRule rule, RuleKind kind, CallGroup group, Calls calls) {
        boolean few = kind != RuleKind.CAP_BLOCKING && calls.answered() < rule.getMinRequests();
        return few
                ? subject(kind, group) + ": too few calls in the last " + minutes(rule) + " to say more."
                : "Back within the limit: " + lowerFirst(figures(rule, kind, group, calls)) + ".";
    }

    private static String figures(AlertRule rule, RuleKind kind, CallGroup group, Calls calls) {
        return switch (kind) {
            case CAP_BLOCKING ->
                count(calls.blocked()) + (calls.blocked() == 1 ? " call" : " calls") + " of tenant "
                        + group.tenant() + (calls.blocked() == 1 ? " was" : " were") + " refused in the last "
                        + minutes(rule);
            case ERROR_RATE ->
                subject(kind, group) + " failed: " + count(calls.failed()) + " of " + count(calls.answered())
                        + " in the last " + minutes(rule);
            default ->
                subject(kind, group) + " took long: " + (100 - rule.getPercentile()) + " in a hundred of the "
                        + count(calls.answered()) + " in the last " + minutes(rule) + " took "
                        + seconds(calls.latency(rule.getPercentile())) + " or more";
        };
    }

    private static String subject(RuleKind kind, CallGroup group) {
        return switch (kind) {
            case CAP_BLOCKING -> "Calls of tenant " + group.tenant();
            case ERROR_RATE -> "Calls of tenant " + group.tenant() + " to " + group.provider();
            default ->
                "Calls of tenant " + group.tenant() + " to the model " + group.model() + " at " + group.provider();
        };
    }

    static String lag(AlertRule rule, String group, Duration lag) {
        return "Figures are late: calls wait " + time(lag) + " until " + what(group) + " (the limit is "
                + time(Duration.ofSeconds((long) rule.getThreshold()))
                + "). Budgets and alerts go by what is counted; look at the service and its log.";
    }

    static String lagOver(String group, Duration lag) {
        return "Figures are up to date again: calls wait " + time(lag) + " until " + what(group) + ".";
    }

    private static String what(String group) {
        return group.equals(LagProbe.STORAGE) ? "they are stored" : "they are counted";
    }

    static String time(Duration time) {
        long seconds = time.toSeconds();
        return seconds < 120
                ? plural(seconds, "second")
                : seconds < 7200 ? plural(seconds / 60, "minute") : plural(seconds / 3600, "hour");
    }

    private static String plural(long count, String one) {
        return count + " " + one + (count == 1 ? "" : "s");
    }

    private static String minutes(AlertRule rule) {
        return time(Duration.ofSeconds(rule.getWindowSeconds()));
    }

    private static String seconds(double ms) {
        return ms < 1000 ? number(ms) + " ms" : number(ms / 1000) + " s";
    }

    private static String count(long count) {
        return String.format(Locale.ENGLISH, "%,d", count);
    }

    private static String number(double number) {
        String text = String.format(Locale.ENGLISH, "%,.1f", number);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    private static String lowerFirst(String text) {
        return Character.isDigit(text.charAt(0)) ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }
}
