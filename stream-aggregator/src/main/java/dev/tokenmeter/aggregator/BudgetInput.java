package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Budget;

/** What moves a tenant's budgets: a call that was charged, or a definition. */
sealed interface BudgetInput permits BudgetInput.Definition, Charge {
    /** @param budget as it is from now on; null when it is removed */
    record Definition(Budget budget) implements BudgetInput {}
}
