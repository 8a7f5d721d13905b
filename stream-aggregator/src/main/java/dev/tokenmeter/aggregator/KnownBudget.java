package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.budget.BudgetPeriod;
import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import dev.tokenmeter.schemas.budget.BudgetScope;
import java.math.BigDecimal;

/** A definition, ready for use. */
record KnownBudget(Budget budget, BudgetScope scope, BudgetPeriod period) {
    static KnownBudget of(Budget budget) {
        return new KnownBudget(budget, BudgetScope.of(budget), BudgetPeriod.of(budget));
    }

    String tenant() {
        return budget.getTenant();
    }

    TenantKey key() {
        return TenantKey.of(tenant(), budget.getBudgetId());
    }

    TenantKey key(Span span) {
        return TenantKey.of(tenant(), budget.getBudgetId(), span.start().toString());
    }

    TenantKey key(Span span, String run) {
        return TenantKey.of(tenant(), budget.getBudgetId(), span.start().toString(), run);
    }

    /** The amount of the kind that the budget limits. */
    BigDecimal inUnit(Amounts amounts) {
        return budget.getAmountTokens() == null ? amounts.usd() : BigDecimal.valueOf(amounts.tokens());
    }

    /** Whether its spend looks the same, so that a forecast of one is made like one of the other. */
    boolean spendsAs(KnownBudget other) {
        return countsAs(other) && (budget.getAmountTokens() == null) == (other.budget.getAmountTokens() == null);
    }

    /** Whether the same calls count in the same periods. */
    boolean countsAs(KnownBudget other) {
        return scope.equals(other.scope) && period.equals(other.period);
    }
}
