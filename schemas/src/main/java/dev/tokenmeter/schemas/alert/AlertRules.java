package dev.tokenmeter.schemas.alert;

import dev.tokenmeter.schemas.AlertRule;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which rules of alerting can be kept to, for the control plane that takes them and alerting that goes by them. */
public final class AlertRules {
    /** The tenant of rules that look at everybody's. */
    public static final String EVERYBODY = "*";

    private static final List<String> SEVERITIES = List.of("info", "warning", "critical");
    private static final int SHORTEST_WINDOW = 60;
    private static final int LONGEST_WINDOW = 3600;
    private static final int MOST_DIMENSIONS = 10;

    /**
     * What is wrong with a definition.
     *
     * @param field its name
     */
    public record Problem(String field, String found, String allowed) {}

    private AlertRules() {}

    /**
     * The first problem.
     *
     * @return empty for none
     */
    public static Optional<Problem> problem(AlertRule rule) {
        Optional<RuleKind> kind = RuleKind.of(rule.getKind());
        if (kind.isEmpty()) {
            return problem("kind", "'" + rule.getKind() + "'", RuleKind.allowed());
        }
        if (!kind.get().takes(rule.getThreshold())) {
            return problem(
                    "threshold",
                    Double.toString(rule.getThreshold()),
                    kind.get().thresholds());
        }
        if (!SEVERITIES.contains(rule.getSeverity())) {
            return problem("severity", "'" + rule.getSeverity() + "'", String.join(", ", SEVERITIES));
        }
        if (rule.getWindowSeconds() < SHORTEST_WINDOW || rule.getWindowSeconds() > LONGEST_WINDOW) {
            return problem(
                    "window_seconds",
                    Integer.toString(rule.getWindowSeconds()),
                    SHORTEST_WINDOW + " to " + LONGEST_WINDOW);
        }
        if (rule.getPercentile() < 1 || rule.getPercentile() > 99) {
            return problem("percentile", Integer.toString(rule.getPercentile()), "1 to 99");
        }
        if (rule.getMinRequests() < 1) {
            return problem("min_requests", Integer.toString(rule.getMinRequests()), "1 or more");
        }
        return scopeProblem(rule, kind.get());
    }

    private static Optional<Problem> scopeProblem(AlertRule rule, RuleKind kind) {
        boolean pipeline = kind == RuleKind.PIPELINE_LAG;
        if (pipeline && !rule.getTenant().equals(EVERYBODY)) {
            return problem("tenant", "'" + rule.getTenant() + "'", "*, as the pipeline is everybody's");
        }
        if (rule.getDimensions().size() > (pipeline ? 0 : MOST_DIMENSIONS)) {
            return problem(
                    "dimensions",
                    rule.getDimensions().size() + " of them",
                    pipeline ? "none for pipeline_lag" : "up to " + MOST_DIMENSIONS);
        }
        for (Map.Entry<String, String> value : rule.getDimensions().entrySet()) {
            boolean known = value.getKey().matches("provider|model|api_key_id|tag\\..+")
                    && (kind != RuleKind.PRICE_CHANGE || value.getKey().matches("provider|model"));
            if (!known) {
                return problem(
                        "dimensions",
                        "'" + value.getKey() + "'",
                        kind == RuleKind.PRICE_CHANGE ? "provider, model" : "provider, model, api_key_id, tag.<name>");
            }
        }
        return Optional.empty();
    }

    private static Optional<Problem> problem(String field, String found, String allowed) {
        return Optional.of(new Problem(field, found, allowed));
    }
}
