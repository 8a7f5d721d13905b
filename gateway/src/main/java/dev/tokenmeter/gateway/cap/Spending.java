package dev.tokenmeter.gateway.cap;

import java.math.BigDecimal;

/**
 * A budget in force and what the aggregator says is spent of it.
 *
 * @param limit USD
 * @param counted spend that the aggregator has counted, of all gateways, USD
 * @param ownCounted the part of it that this run of this gateway reported, USD; stated together with {@code counted}
 */
record Spending(String id, String name, boolean hard, BigDecimal limit, BigDecimal counted, BigDecimal ownCounted) {
    /**
     * What is spent in truth, as far as this gateway can know.
     *
     * @param ownSettled all that this run has settled in the period, counted yet or not, USD
     */
    BigDecimal spent(BigDecimal ownSettled) {
        return counted.add(unconfirmed(ownSettled));
    }

    /** What this run has settled and the aggregator has not counted, USD; never negative. */
    BigDecimal unconfirmed(BigDecimal ownSettled) {
        return ownSettled.subtract(ownCounted).max(BigDecimal.ZERO);
    }
}
