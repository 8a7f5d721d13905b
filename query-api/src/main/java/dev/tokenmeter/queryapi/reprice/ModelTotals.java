package dev.tokenmeter.queryapi.reprice;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;

/**
 * What re-pricing comes to for one model.
 *
 * @param events looked at
 * @param changed of them, those whose cost is another now
 * @param newlyPriced of those changed, the ones that had no cost
 * @param before cost of the changed ones before, as far as there was one, USD
 * @param after cost of the changed ones now, USD
 */
record ModelTotals(long events, long changed, long newlyPriced, BigDecimal before, BigDecimal after) {
    static final ModelTotals NONE = new ModelTotals(0, 0, 0, Money.ZERO, Money.ZERO);

    static ModelTotals unchanged() {
        return new ModelTotals(1, 0, 0, Money.ZERO, Money.ZERO);
    }

    /** @param before null where there was no cost */
    static ModelTotals change(BigDecimal before, BigDecimal after) {
        return new ModelTotals(1, 1, before == null ? 1 : 0, before == null ? Money.ZERO : before, after);
    }

    /** Cost of the changed ones before; null where none of them had one. */
    BigDecimal knownBefore() {
        return changed > 0 && changed == newlyPriced ? null : before;
    }

    ModelTotals plus(ModelTotals other) {
        return new ModelTotals(
                events + other.events,
                changed + other.changed,
                newlyPriced + other.newlyPriced,
                before.add(other.before),
                after.add(other.after));
    }
}
