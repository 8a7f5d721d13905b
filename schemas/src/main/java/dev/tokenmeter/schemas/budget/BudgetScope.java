package dev.tokenmeter.schemas.budget;

import dev.tokenmeter.schemas.Budget;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Which of a tenant's calls a budget is about: those with all of these values. A model stands for its snapshots as well
 * (see {@link ModelName}); all else is compared exactly.
 *
 * @param values by dimension; empty for all calls
 */
public record BudgetScope(Map<String, String> values) {
    /** Copies the values. */
    public BudgetScope {
        values = Map.copyOf(values);
    }

    /** The scope of a definition. */
    public static BudgetScope of(Budget budget) {
        return new BudgetScope(budget.getDimensions());
    }

    /**
     * Whether a call that has ended counts.
     *
     * @param valueOf its value of a dimension, the model as the answer named it; null for none
     */
    public boolean covers(UnaryOperator<String> valueOf) {
        return matches(valueOf, false);
    }

    /**
     * Whether a call that is about to go out may count.
     *
     * @param valueOf its value of a dimension, the model as requested; null for none
     */
    public boolean mayCover(UnaryOperator<String> valueOf) {
        return matches(valueOf, true);
    }

    private boolean matches(UnaryOperator<String> valueOf, boolean before) {
        for (Map.Entry<String, String> wanted : values.entrySet()) {
            String value = valueOf.apply(wanted.getKey());
            if (value == null || !matches(wanted, value, before)) {
                return false;
            }
        }
        return true;
    }

    private static boolean matches(Map.Entry<String, String> wanted, String value, boolean before) {
        if (!wanted.getKey().equals(BudgetDimensions.MODEL)) {
            return wanted.getValue().equals(value);
        }
        return before ? ModelName.mayInclude(wanted.getValue(), value) : ModelName.includes(wanted.getValue(), value);
    }
}
