package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * One period of a budget: what the aggregator says is spent, and what is known here that it has not counted yet. Nothing is
 * taken off when a status arrives: it says how much of each run's spend it holds, and the difference to what the run has
 * settled is what it lacks. Sums do not depend on the order in which events are counted, so nothing is counted twice or
 * left out. To be used under the tenant's lock.
 */
final class PeriodSums {
    private final Span span;
    private final Unit unit;
    /** Tells runs of this process that count towards what is settled. */
    private final Predicate<String> own;
    /** What runs that concern us have reported, as a status said last; one that falls silent is left out of statuses. */
    private final Map<String, BigDecimal> counted = new HashMap<>();
    /** What earlier runs will have reported once all that they left in the outbox is counted. */
    private final Map<String, BigDecimal> expected = new HashMap<>();

    private BudgetStatus status;
    private BigDecimal total = BigDecimal.ZERO;
    private BigDecimal settled = BigDecimal.ZERO;
    private BigDecimal ownCounted = BigDecimal.ZERO;

    PeriodSums(Span span, Unit unit, Predicate<String> own) {
        this.span = span;
        this.unit = unit;
        this.own = own;
    }

    Span span() {
        return span;
    }

    /** @param latest of this period; null for none yet */
    void learn(BudgetStatus latest) {
        if (latest == null || latest == status) {
            return;
        }
        status = latest;
        total = unit.spent(latest);
        unit.byRun(latest).forEach((run, amount) -> {
            if (own.test(run) || expected.containsKey(run)) {
                counted.put(run, amount);
            }
        });
        ownCounted = counted.entrySet().stream()
                .filter(run -> own.test(run.getKey()))
                .map(Map.Entry::getValue)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** Takes what a call of this run cost. */
    void settle(BigDecimal amount) {
        settled = settled.add(amount);
    }

    /** Takes what a call of an earlier run cost, whose event is still in the outbox. */
    void leftOver(String run, BigDecimal amount) {
        if (!expected.containsKey(run)) {
            BigDecimal before =
                    status == null ? BigDecimal.ZERO : unit.byRun(status).getOrDefault(run, BigDecimal.ZERO);
            counted.put(run, before);
            expected.put(run, before);
        }
        expected.merge(run, amount, BigDecimal::add);
    }

    /** What is known to be spent and the aggregator has not counted; never negative. */
    BigDecimal unconfirmed(boolean withLeftovers) {
        BigDecimal sum = settled.subtract(ownCounted).max(BigDecimal.ZERO);
        if (withLeftovers) {
            for (Map.Entry<String, BigDecimal> run : expected.entrySet()) {
                sum = sum.add(run.getValue().subtract(counted.get(run.getKey())).max(BigDecimal.ZERO));
            }
        }
        return sum;
    }

    /** What the period before left, as the aggregator says; nothing until it has said so. */
    BigDecimal carriedOver() {
        return status == null ? BigDecimal.ZERO : unit.carriedOver(status);
    }

    /** What is spent in truth, as far as this gateway can know. */
    BigDecimal spent(boolean withLeftovers) {
        return total.add(unconfirmed(withLeftovers));
    }
}
