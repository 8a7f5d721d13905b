package dev.tokenmeter.aggregator;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What budgets need to know of an event.
 *
 * @param at when the call ended, to the microsecond
 * @param run the gateway run that reported it; empty for none
 * @param values by the dimensions that budgets may name; those that it has
 */
record Charge(Instant at, String run, Amounts amounts, Map<String, String> values) implements BudgetInput {
    /** Names and values that stand by turns from an index on. */
    static Map<String, String> pairs(List<String> parts, int from) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int i = from; i < parts.size(); i += 2) {
            pairs.put(parts.get(i), parts.get(i + 1));
        }
        return pairs;
    }
}
