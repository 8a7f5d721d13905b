package dev.tokenmeter.queryapi.whatif;

import dev.tokenmeter.queryapi.whatif.Revaluation.Priced;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.storage.query.Quantities;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** Sums of what calls cost and would have cost. Used by one thread. */
final class Tally {
    private long requests;
    private long used;
    private long unpriced;
    private BigDecimal cost = Money.ZERO;
    private long supposedUnpriced;
    private long supposedUnpricedTokens;
    private BigDecimal supposedCost = Money.ZERO;
    private BigDecimal comparedCost = Money.ZERO;
    private long comparedUsed;
    private long comparedUnpriced;

    void add(Priced priced) {
        Quantities row = priced.used();
        requests += row.requests();
        used += row.meteredRequests() + row.unmeteredRequests();
        unpriced += row.unpricedRequests();
        cost = cost.add(row.costUsd());
        supposedUnpriced += row.unmeteredRequests();
        if (priced.verdict() instanceof Verdict.Known known) {
            supposedCost = supposedCost.add(known.usd());
            comparedCost = comparedCost.add(row.costUsd());
            comparedUsed += row.meteredRequests() + row.unmeteredRequests();
            comparedUnpriced += row.unpricedRequests();
        } else {
            supposedUnpriced += row.meteredRequests();
            supposedUnpricedTokens += row.totalTokens();
        }
    }

    long requests() {
        return requests;
    }

    /** What is known of the actual cost; null where it is not known of any call that used something. */
    BigDecimal cost() {
        return known(cost, unpriced, used);
    }

    /** Calls without an actual cost that used something, or may have. */
    long unpriced() {
        return unpriced;
    }

    /** The same of the supposed cost. */
    BigDecimal supposedCost() {
        return known(supposedCost, supposedUnpriced, used);
    }

    long supposedUnpriced() {
        return supposedUnpriced;
    }

    long supposedUnpricedTokens() {
        return supposedUnpricedTokens;
    }

    /** Actual cost of those calls that have a supposed one; null where it is not known of any that used something. */
    BigDecimal comparedCost() {
        return known(comparedCost, comparedUnpriced, comparedUsed);
    }

    /** Actual cost of those without a supposed one; null where it is not known of any that used something. */
    BigDecimal lackingCost() {
        return known(cost.subtract(comparedCost), unpriced - comparedUnpriced, used - comparedUsed);
    }

    /** As the store judges: rollups from before there were counts of metered calls count as without a price. */
    private static BigDecimal known(BigDecimal sum, long unpriced, long used) {
        return unpriced > 0 && unpriced >= used && sum.signum() == 0 ? null : sum;
    }

    /** Supposed less actual cost, of calls that have a supposed one; null where there is nothing to compare. */
    BigDecimal difference() {
        return supposedCost() == null || comparedCost() == null ? null : supposedCost.subtract(comparedCost);
    }

    /** The difference, in percent of the actual cost; null where there is nothing to compare with. */
    Double differencePercent() {
        return difference() == null || comparedCost.signum() == 0
                ? null
                : difference()
                        .movePointRight(2)
                        .divide(comparedCost, 2, RoundingMode.HALF_EVEN)
                        .doubleValue();
    }
}
