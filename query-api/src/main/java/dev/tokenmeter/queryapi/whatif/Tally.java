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
        return unpriced > 0 && unpriced == used ? null : cost;
    }

    /** Calls without an actual cost that used something, or may have. */
    long unpriced() {
        return unpriced;
    }

    /** The same of the supposed cost. */
    BigDecimal supposedCost() {
        return supposedUnpriced > 0 && supposedUnpriced == used ? null : supposedCost;
    }

    long supposedUnpriced() {
        return supposedUnpriced;
    }

    long supposedUnpricedTokens() {
        return supposedUnpricedTokens;
    }

    /** Actual cost of those calls that have a supposed one. */
    BigDecimal comparedCost() {
        return comparedCost;
    }

    /** Supposed less actual cost, of calls that have a supposed one; null where there are none. */
    BigDecimal difference() {
        return supposedCost() == null ? null : supposedCost.subtract(comparedCost);
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
