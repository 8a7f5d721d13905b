package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import java.math.BigDecimal;

/**
 * Where a budget stands when a call asks. Amounts in its unit.
 *
 * @param spent in the period, as far as this gateway can know
 * @param reserved for calls in flight
 */
record Standing(Budget budget, Unit unit, Span span, BigDecimal limit, BigDecimal spent, BigDecimal reserved) {
    boolean isUsedUp() {
        return spent.compareTo(limit) >= 0;
    }

    /** Whether nothing is left, not even for a call that costs nothing. */
    boolean isExhausted() {
        return spent.add(reserved).compareTo(limit) >= 0;
    }

    boolean wouldBePassedBy(BigDecimal amount) {
        return isExhausted() || spent.add(reserved).add(amount).compareTo(limit) > 0;
    }
}
