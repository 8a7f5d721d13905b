package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * What a period may spend beyond its budget's amount: what the period before left of the amount. It follows from the
 * definition in force and from what the period before has spent as of now, late events and corrections included; so it is
 * the same in whatever order they came, and final when nothing of that period can change any more.
 */
final class RollOver {
    private final PeriodSpends spends;

    RollOver(PeriodSpends spends) {
        this.spends = spends;
    }

    static boolean isOn(Budget budget) {
        return budget.getRollOverPercent() > 0 && budget.getRollOverSince() != null;
    }

    /** The period whose limit depends on what is spent in this one; it has begun where now is not before its start. */
    static Span next(KnownBudget known, Span span) {
        return known.period().around(span.end());
    }

    /** In the budget's unit; the other is zero. */
    Amounts carried(KnownBudget known, Span span) {
        Budget budget = known.budget();
        if (!isOn(budget)) {
            return Amounts.NONE;
        }
        Span before = known.period().around(span.start().minusMillis(1));
        if (!before.end().isAfter(budget.getRollOverSince()) || before.equals(span)) {
            return Amounts.NONE;
        }
        Amounts spent = spends.spent(known, before);
        BigDecimal share = BigDecimal.valueOf(budget.getRollOverPercent(), 2);
        if (budget.getAmountTokens() != null) {
            long most = share.multiply(BigDecimal.valueOf(budget.getAmountTokens()))
                    .setScale(0, RoundingMode.DOWN)
                    .longValueExact();
            long left = Math.max(0, budget.getAmountTokens() - spent.tokens());
            return new Amounts(Money.ZERO, Math.min(most, left));
        }
        BigDecimal most = share.multiply(budget.getAmountUsd()).setScale(Money.SCALE, RoundingMode.DOWN);
        BigDecimal left = budget.getAmountUsd().subtract(spent.usd()).max(Money.ZERO);
        return new Amounts(Money.exact(most.min(left)), 0);
    }
}
