package dev.tokenmeter.queryapi.reconcile;

import java.math.BigDecimal;

/**
 * How far figures may be apart and still agree.
 *
 * @param percent of the larger of the two
 */
record Tolerance(BigDecimal percent) {
    /** Less than this is never worth a look. */
    private static final BigDecimal CENT = new BigDecimal("0.01");

    boolean costsAgree(BigDecimal one, BigDecimal other) {
        BigDecimal apart = one.subtract(other).abs();
        return apart.compareTo(CENT) < 0 || isWithin(apart, one.abs().max(other.abs()));
    }

    boolean countsAgree(long one, long other) {
        return isWithin(
                BigDecimal.valueOf(one).subtract(BigDecimal.valueOf(other)).abs(),
                BigDecimal.valueOf(Math.max(one, other)));
    }

    private boolean isWithin(BigDecimal apart, BigDecimal of) {
        return apart.movePointRight(2).compareTo(of.multiply(percent)) <= 0;
    }
}
