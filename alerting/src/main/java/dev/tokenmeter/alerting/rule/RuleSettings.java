package dev.tokenmeter.alerting.rule;

import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.schemas.alert.AlertRules;
import dev.tokenmeter.schemas.alert.RuleKind;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/** The rules of the settings, {@code alerting.rules.<name>}, and those that are there without any. */
public final class RuleSettings {
    private static final String PREFIX = "alerting.rules";
    private static final Duration WINDOW = Duration.ofMinutes(10);

    /** On by themselves, by name; a latency that suits nobody knows is not among them. */
    private static final Map<String, RuleKind> USUAL = Map.of(
            "budget-forecast", RuleKind.BUDGET_FORECAST,
            "cap-blocking", RuleKind.CAP_BLOCKING,
            "error-rate", RuleKind.ERROR_RATE,
            "price-change", RuleKind.PRICE_CHANGE,
            "pipeline-lag", RuleKind.PIPELINE_LAG);

    private RuleSettings() {}

    /** Reads and checks them. */
    public static Map<String, AlertRule> from(Settings settings) {
        TreeSet<String> names = new TreeSet<>(USUAL.keySet());
        names.addAll(settings.names(PREFIX));
        Map<String, AlertRule> rules = new HashMap<>();
        names.forEach(name -> rules.put(name, rule(settings, name, PREFIX + "." + name + ".")));
        return rules;
    }

    private static AlertRule rule(Settings settings, String name, String prefix) {
        RuleKind kind = kind(settings, name, prefix + "type");
        AlertRule rule = AlertRule.newBuilder()
                .setRuleId(name)
                .setTenant(settings.string(prefix + "tenant", AlertRules.EVERYBODY))
                .setName(name)
                .setKind(kind.label())
                .setEnabled(settings.bool(prefix + "enabled", true))
                .setSeverity(settings.string(prefix + "severity", kind == RuleKind.PRICE_CHANGE ? "info" : "warning"))
                .setDimensions(settings.map(prefix + "dimensions"))
                .setThreshold(threshold(settings, kind, prefix + "threshold"))
                .setPercentile(settings.integer(prefix + "percentile", 99, 1, 99))
                .setWindowSeconds(
                        (int) settings.duration(prefix + "window", WINDOW).toSeconds())
                .setMinRequests(settings.integer(prefix + "min-requests", 50, 1, 1_000_000))
                .setUpdatedAt(Instant.EPOCH)
                .setUpdatedBy("config")
                .build();
        AlertRules.problem(rule).ifPresent(problem -> {
            throw new SettingException(
                    prefix + problem.field().replace("window_seconds", "window").replace('_', '-'),
                    "found " + problem.found(),
                    problem.allowed());
        });
        return rule;
    }

    private static RuleKind kind(Settings settings, String name, String key) {
        String label = settings.optional(key)
                .orElseGet(() -> USUAL.containsKey(name) ? USUAL.get(name).label() : settings.required(key));
        return RuleKind.of(label.replace('-', '_'))
                .orElseThrow(() -> new SettingException(key, "found '" + label + "'", RuleKind.allowed()));
    }

    private static double threshold(Settings settings, RuleKind kind, String key) {
        if (settings.optional(key).isEmpty() && kind.usualThreshold().isPresent()) {
            return kind.usualThreshold().get();
        }
        String text = settings.required(key);
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new SettingException(key, "found '" + text + "'", "a number");
        }
    }
}
