package dev.tokenmeter.pricing.lists;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.pricing.InvalidPriceException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Figures of lists whose numbers passed through binary floating point. One with more digits than a price may have is
 * brought to that length, half to even, where that changes it by less than a millionth part; otherwise it is refused.
 */
final class Digits {
    private static final int PER_MILLION_SCALE = 6;
    private static final int PER_UNIT_SCALE = 12;
    private static final BigDecimal TOLERANCE = new BigDecimal("0.000001");

    private boolean rounded;

    /** Whether any figure had more digits than fit. */
    boolean rounded() {
        return rounded;
    }

    /** A rate per million, of what the list says for {@code per} of them. */
    BigDecimal perMillion(JsonNode number, long per, String field) {
        return brought(number(number, field), BigDecimal.valueOf(1_000_000), per, PER_MILLION_SCALE, field);
    }

    /** A rate for one, of what the list says for {@code per} of them. */
    BigDecimal perUnit(JsonNode number, long per, String field) {
        return brought(number(number, field), BigDecimal.ONE, per, PER_UNIT_SCALE, field);
    }

    private static BigDecimal number(JsonNode node, String field) {
        if (!node.isNumber()) {
            throw new InvalidPriceException(field, node, "a number");
        }
        BigDecimal number = node.decimalValue();
        if (number.signum() < 0 || number.precision() > 40 || Math.abs((long) number.scale()) > 40) {
            throw new InvalidPriceException(field, node, "a number from 0 on, of ordinary length");
        }
        return number;
    }

    private BigDecimal brought(BigDecimal number, BigDecimal times, long per, int scale, String field) {
        BigDecimal exact = number.multiply(times).divide(BigDecimal.valueOf(per), MathContext.DECIMAL128);
        BigDecimal fits = exact.setScale(scale, RoundingMode.HALF_EVEN);
        if (fits.compareTo(exact) != 0) {
            BigDecimal off = fits.subtract(exact).abs();
            if (off.compareTo(exact.multiply(TOLERANCE)) > 0) {
                throw new InvalidPriceException(
                        field, number, "a rate that " + scale + " digits after the point can say");
            }
            rounded = true;
        }
        return fits.stripTrailingZeros();
    }
}
