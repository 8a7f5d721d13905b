package dev.tokenmeter.queryapi.reconcile;

import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;

/**
 * Both sides of a row.
 *
 * @param calls our calls, whether or not the other side counts them
 * @param priced those of them that used something, or may have, and have a price
 * @param unpriced those of them without a price
 * @param notFinal tokens of ours that are not the provider's final figures
 * @param otherAmounts what they charge in other currencies than USD, which is not compared
 */
record Pair(
        Figures ours,
        Figures theirs,
        long calls,
        long priced,
        long unpriced,
        long notFinal,
        Map<String, BigDecimal> otherAmounts) {
    static final Pair NONE = new Pair(Figures.NONE, Figures.NONE, 0, 0, 0, 0, Map.of());

    Pair plus(Pair other) {
        Map<String, BigDecimal> amounts = new TreeMap<>(otherAmounts);
        other.otherAmounts.forEach((currency, amount) -> amounts.merge(currency, amount, BigDecimal::add));
        return new Pair(
                ours.plus(other.ours),
                theirs.plus(other.theirs),
                calls + other.calls,
                priced + other.priced,
                unpriced + other.unpriced,
                notFinal + other.notFinal,
                amounts);
    }

    /** What ours cost, as far as known; null where it was not stated, or is not known of any that used something. */
    BigDecimal ourCost() {
        boolean unknown = unpriced > 0 && priced == 0 && ours.cost().signum() == 0;
        return unknown ? null : ours.costUsd();
    }

    /** Theirs less what is known of ours, USD; null where there is nothing to compare. */
    BigDecimal difference() {
        return theirs.hasCost() && ours.hasCost() ? theirs.costUsd().subtract(ours.costUsd()) : null;
    }
}
