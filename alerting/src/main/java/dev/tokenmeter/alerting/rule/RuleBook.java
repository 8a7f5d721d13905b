package dev.tokenmeter.alerting.rule;

import dev.tokenmeter.alerting.AlertBook;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.schemas.alert.AlertRules;
import dev.tokenmeter.schemas.alert.RuleKind;
import dev.tokenmeter.service.topics.CatchingUpView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules in force: those of the settings, and those of {@code llm.alert-rules.v1}, which take the place of a rule of the
 * settings with their id if both are everybody's. Written by the topic's follower, read by any thread.
 */
public final class RuleBook extends CatchingUpView<AlertRule> {
    /** The label that names an alert's rule. */
    public static final String RULE_ID = "rule_id";

    private static final Logger LOG = LoggerFactory.getLogger(RuleBook.class);

    private final Map<String, AlertRule> configured;
    private final Map<String, AlertRule> defined = new ConcurrentHashMap<>();
    /** Of both, as they are asked for with every rollup; null while it has to be made anew. */
    private volatile Map<String, AlertRule> inForce;

    /** @param configured those of the settings, by id */
    public RuleBook(Map<String, AlertRule> configured) {
        this.configured = Map.copyOf(configured);
    }

    @Override
    public synchronized void put(String id, AlertRule rule) {
        Optional<AlertRules.Problem> problem = AlertRules.problem(rule);
        if (!rule.getRuleId().equals(id)) {
            problem = Optional.of(new AlertRules.Problem("rule_id", rule.getRuleId(), id));
        } else if (configured.containsKey(id) && !configured.get(id).getTenant().equals(rule.getTenant())) {
            // One tenant's must not take the place of what the operator set for others.
            problem = Optional.of(new AlertRules.Problem("rule_id", id + ", a rule of the settings", "another id"));
        }
        if (problem.isEmpty()) {
            defined.put(id, rule);
        } else {
            defined.remove(id);
            LOG.warn(
                    "rule {} does not hold: {} is {}",
                    id,
                    problem.get().field(),
                    problem.get().found());
        }
        inForce = null;
    }

    @Override
    public synchronized void remove(String id) {
        defined.remove(id);
        inForce = null;
    }

    @Override
    public int size() {
        return defined.size();
    }

    /** Those of a kind that are enabled; none until all are known. */
    public List<AlertRule> of(RuleKind kind) {
        return inForce().values().stream()
                .filter(rule -> rule.getKind().equals(kind.label()))
                .toList();
    }

    /** An enabled rule by its id. */
    public Optional<AlertRule> byId(String id) {
        return Optional.ofNullable(inForce().get(id));
    }

    private Map<String, AlertRule> inForce() {
        if (!isCaughtUp()) {
            return Map.of();
        }
        Map<String, AlertRule> current = inForce;
        return current == null ? merged() : current;
    }

    private synchronized Map<String, AlertRule> merged() {
        Map<String, AlertRule> merged = new HashMap<>(configured);
        merged.putAll(defined);
        merged.values().removeIf(rule -> !rule.getEnabled());
        inForce = merged;
        return merged;
    }

    /** Whether a rule looks at what has this tenant and these values. */
    public static boolean covers(AlertRule rule, String tenant, Map<String, String> values) {
        return (rule.getTenant().equals(AlertRules.EVERYBODY)
                        || rule.getTenant().equals(tenant))
                && rule.getDimensions().entrySet().stream()
                        .allMatch(wanted -> wanted.getValue().equals(values.get(wanted.getKey())));
    }

    /** Resolves alerts of a kind whose rule is not there any more. */
    public void retire(AlertBook book, RuleKind kind) {
        if (!isCaughtUp()) {
            return;
        }
        for (Alert alert : book.firingWithPrefix(kind.label() + "|")) {
            if (byId(alert.getLabels().getOrDefault(RULE_ID, ""))
                    .filter(rule -> rule.getKind().equals(kind.label()))
                    .isEmpty()) {
                book.resolve(alert, "The rule '" + alert.getLabels().get("rule") + "' was removed or switched off.");
            }
        }
    }

    /** What every alert of a rule is labelled with. */
    public static Map<String, String> labels(AlertRule rule) {
        Map<String, String> labels = new HashMap<>();
        labels.put(RULE_ID, rule.getRuleId());
        labels.put("rule", rule.getName());
        labels.put("rule_version", Long.toString(rule.getVersion()));
        return labels;
    }
}
