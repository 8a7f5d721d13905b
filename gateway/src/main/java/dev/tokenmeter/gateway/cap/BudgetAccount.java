package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.budget.BudgetPeriod;
import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import dev.tokenmeter.schemas.budget.BudgetScope;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.function.Function;

/**
 * A budget in force, what is spent of it, and what is reserved for calls in flight. To be used under the tenant's lock, but
 * for what never changes: a budget whose scope, period or unit is redefined gets another account.
 */
final class BudgetAccount {
    private final BudgetScope scope;
    private final BudgetPeriod period;
    private final Unit unit;
    private final Runs runs;
    private final int bornIn;
    private final Function<String, BudgetStatus> statuses;
    private Budget budget;
    private BigDecimal reserved = BigDecimal.ZERO;
    private PeriodSums sums;
    private String statusKey;

    /**
     * @param bornIn the tenant's generation of runs from which on all is known here
     * @param statuses the latest status by key; null for none
     */
    BudgetAccount(Budget budget, Runs runs, int bornIn, Function<String, BudgetStatus> statuses) {
        this.budget = budget;
        this.scope = BudgetScope.of(budget);
        this.period = BudgetPeriod.of(budget);
        this.unit = Unit.of(budget);
        this.runs = runs;
        this.bornIn = bornIn;
        this.statuses = statuses;
    }

    BudgetScope scope() {
        return scope;
    }

    Unit unit() {
        return unit;
    }

    Budget budget() {
        return budget;
    }

    /** Takes other terms, if the same calls count in the same periods and unit; otherwise says false. */
    boolean redefine(Budget changed) {
        boolean same = scope.equals(BudgetScope.of(changed))
                && period.equals(BudgetPeriod.of(changed))
                && unit == Unit.of(changed);
        budget = same ? changed : budget;
        return same;
    }

    void reserve(BigDecimal amount) {
        reserved = reserved.add(amount);
    }

    void release(BigDecimal amount) {
        reserved = reserved.subtract(amount);
    }

    BigDecimal reserved() {
        return reserved;
    }

    void settle(BigDecimal amount, Instant at) {
        PeriodSums its = sums(at);
        if (its.span().contains(at)) { // a period that is over holds nothing back any more
            its.settle(amount);
        }
    }

    void leftOver(String run, BigDecimal amount, Instant at, Instant now) {
        PeriodSums its = sums(now);
        if (its.span().contains(at)) {
            its.leftOver(run, amount);
        }
    }

    BigDecimal unconfirmed(Instant now, boolean withLeftovers) {
        return sums(now).unconfirmed(withLeftovers);
    }

    Standing standing(Instant now, boolean withLeftovers) {
        PeriodSums its = sums(now);
        BigDecimal limit = unit.limit(budget).add(carriedOver(its));
        return new Standing(budget, unit, its.span(), limit, its.spent(withLeftovers), reserved);
    }

    /** By the status, which may be of terms before; never more than the terms of now allow. */
    private BigDecimal carriedOver(PeriodSums its) {
        BigDecimal most = unit.limit(budget).multiply(BigDecimal.valueOf(budget.getRollOverPercent(), 2));
        return its.carriedOver().min(most);
    }

    void learn(Instant now) {
        sums(now);
    }

    /** The sums of the period that holds the instant, or of a later one that has begun. */
    private PeriodSums sums(Instant at) {
        if (sums == null || !at.isBefore(sums.span().end())) {
            Span span = period.around(at);
            sums = new PeriodSums(span, unit, run -> runs.isSince(bornIn, run));
            statusKey = budget.getBudgetId() + "|" + span.start();
        }
        BudgetStatus status = statuses.apply(statusKey);
        // One of a definition before may lie there until the aggregator has counted anew.
        sums.learn(status != null && isMine(status) ? status : null);
        return sums;
    }

    private boolean isMine(BudgetStatus status) {
        return status.getDimensions().equals(scope.values())
                && status.getPeriodEnd().equals(sums.span().end());
    }
}
