package dev.tokenmeter.alerting.rule;

import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.schemas.alert.RuleKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The calls that a rule judges together: a tenant's, of one provider where it is about providers, of one model where it is
 * about latency.
 *
 * @param provider empty for all
 * @param model empty for all
 */
record CallGroup(String ruleId, String tenant, String provider, String model) {
    /** No name holds it. */
    private static final String SEPARATOR = "\u001f";

    static CallGroup of(AlertRule rule, Map<String, String> values) {
        boolean byProvider = !rule.getKind().equals(RuleKind.CAP_BLOCKING.label());
        boolean byModel = rule.getKind().equals(RuleKind.LATENCY.label());
        return new CallGroup(
                rule.getRuleId(),
                values.get("tenant"),
                byProvider ? values.getOrDefault("provider", "") : "",
                byModel ? values.getOrDefault("model", "") : "");
    }

    static CallGroup ofKey(String key) {
        List<String> parts = new ArrayList<>(List.of(key.split(SEPARATOR, -1)));
        return new CallGroup(parts.get(0), parts.get(1), parts.get(2), parts.get(3));
    }

    String key() {
        return String.join(SEPARATOR, ruleId, tenant, provider, model);
    }

    /** Of the alert of a kind. */
    String alertId(RuleKind kind) {
        return String.join("|", kind.label(), ruleId, tenant, provider, model);
    }
}
