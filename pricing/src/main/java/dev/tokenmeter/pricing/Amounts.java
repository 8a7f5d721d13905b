package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * How many digits each figure may have, so that costs are exact. A rate per million tokens has at most six digits after
 * the point and a rate of one unit twelve: times a whole number, neither needs more than the {@link Money#SCALE} of the
 * contract. A rate that is derived (by a factor or an exchange rate) is brought to that length once, half to even, before
 * it meets any quantity.
 */
final class Amounts {
    static final int PER_MILLION_SCALE = 6;
    private static final BigDecimal MAX = new BigDecimal("1000000000");

    private Amounts() {}

    static BigDecimal perMillion(BigDecimal rate, String field) {
        return rate(rate, PER_MILLION_SCALE, field);
    }

    static BigDecimal perUnit(BigDecimal rate, String field) {
        return rate(rate, Money.SCALE, field);
    }

    static BigDecimal factor(BigDecimal factor, String field) {
        BigDecimal checked = rate(factor, PER_MILLION_SCALE, field);
        if (checked.signum() == 0 || checked.compareTo(BigDecimal.valueOf(1000)) > 0) {
            throw new InvalidPriceException(field, checked.toPlainString(), "a factor above 0, at most 1000");
        }
        return checked;
    }

    static BigDecimal exchange(BigDecimal rate, String field) {
        BigDecimal checked = rate(rate, Money.SCALE, field);
        if (checked.signum() == 0) {
            throw new InvalidPriceException(field, "0", "USD for one unit of the currency, above 0");
        }
        return checked;
    }

    private static BigDecimal rate(BigDecimal rate, int maxScale, String field) {
        // Lengths first: stripping the zeros of 1E+999999999 would never end.
        boolean absurd = rate.precision() > 60 || Math.abs((long) rate.scale()) > 60;
        BigDecimal stripped = absurd ? rate : rate.stripTrailingZeros();
        if (absurd || stripped.signum() < 0 || stripped.scale() > maxScale || stripped.compareTo(MAX) > 0) {
            throw new InvalidPriceException(
                    field, rate.toString(), "0 to 1000000000 with at most " + maxScale + " digits after the point");
        }
        return stripped;
    }

    /**
     * USD for one token.
     *
     * @return null where so small a rate would round to nothing: it is not known then, rather than free
     */
    static BigDecimal usdPerToken(BigDecimal perMillion, BigDecimal factor) {
        BigDecimal usd = derived(perMillion, factor, PER_MILLION_SCALE);
        return usd == null ? null : usd.movePointLeft(6).setScale(Money.SCALE, RoundingMode.UNNECESSARY);
    }

    /** USD for one unit; null as for tokens. */
    static BigDecimal usdPerUnit(BigDecimal perUnit, BigDecimal factor) {
        BigDecimal usd = derived(perUnit, factor, Money.SCALE);
        return usd == null ? null : usd.setScale(Money.SCALE, RoundingMode.UNNECESSARY);
    }

    /** Whether the rate, so multiplied, has more digits than fit. */
    static boolean isRounded(BigDecimal rate, BigDecimal factor, int scale) {
        return rate.multiply(factor).stripTrailingZeros().scale() > scale;
    }

    private static BigDecimal derived(BigDecimal rate, BigDecimal factor, int scale) {
        BigDecimal exact = rate.multiply(factor);
        BigDecimal usd =
                exact.stripTrailingZeros().scale() > scale ? exact.setScale(scale, RoundingMode.HALF_EVEN) : exact;
        return usd.signum() == 0 && exact.signum() != 0 ? null : usd;
    }
}
