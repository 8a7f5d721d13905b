package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What one run of this gateway knows of a tenant's spend by itself: what is reserved for calls in flight, and all that it
 * has settled since its start, by month. Nothing is taken off when a status arrives: the status says how much of this
 * run's spend it holds, and the difference is what it lacks. Sums do not depend on the order in which events are counted,
 * so nothing is counted twice or left out. Its locks are held for a few additions.
 */
final class TenantLedger {
    private final TreeMap<Instant, BigDecimal> settledByMonth = new TreeMap<>();
    private BigDecimal reserved = Money.ZERO;

    /**
     * Sets an amount aside, unless a hard budget is exhausted or would be passed by it.
     *
     * @return the budget that is in the way; empty when the amount is set aside
     */
    synchronized Optional<Refusal> reserve(Reservation reservation, List<Spending> budgets, Month month) {
        BigDecimal settled = settledIn(month);
        for (Spending budget : budgets) {
            BigDecimal spent = budget.spent(settled);
            BigDecimal after = spent.add(reserved).add(reservation.usd());
            boolean exhausted = spent.add(reserved).compareTo(budget.limit()) >= 0;
            if (budget.hard() && (exhausted || after.compareTo(budget.limit()) > 0)) {
                return Optional.of(new Refusal(budget, spent, reserved, reservation.usd()));
            }
        }
        reserved = reserved.add(reservation.usd());
        return Optional.empty();
    }

    /**
     * Puts what a call cost in the place of what was set aside for it. To be called before its event can be counted by
     * anyone, so that what is settled is never less than what a status holds of it.
     */
    synchronized void settle(Reservation reservation, BigDecimal usd, Instant at) {
        reserved = reserved.subtract(reservation.release());
        add(usd, at);
    }

    /** Takes what was set aside, unless it was settled, for spent. */
    synchronized void abandon(Reservation reservation, Instant at) {
        BigDecimal back = reservation.release();
        reserved = reserved.subtract(back);
        add(back, at);
    }

    private void add(BigDecimal usd, Instant at) {
        if (usd.signum() != 0) {
            Month month = Month.around(at);
            settledByMonth.merge(month.start(), usd, BigDecimal::add);
            settledByMonth.headMap(month.start()).clear();
        }
    }

    synchronized BigDecimal settledIn(Month month) {
        return settledByMonth.getOrDefault(month.start(), Money.ZERO);
    }

    synchronized BigDecimal reserved() {
        return reserved;
    }

    /**
     * A budget in the way of a call.
     *
     * @param spent of it, USD
     * @param reserved for other calls in flight, USD
     * @param needed for this one, USD
     */
    record Refusal(Spending budget, BigDecimal spent, BigDecimal reserved, BigDecimal needed) {}
}
