package dev.tokenmeter.schemas;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Amounts in USD as the records hold them: {@code decimal(38,12)}, exact, never rounded on the way. */
public final class Money {
    /** Digits after the point in every money field of the contract. */
    public static final int SCALE = 12;

    /** The currency of all amounts, and of a price that names none. */
    public static final String USD = "USD";

    /** Zero USD. */
    public static final BigDecimal ZERO = BigDecimal.ZERO.setScale(SCALE);

    private Money() {}

    /**
     * Brings an exact amount to the scale of the contract.
     *
     * @throws ArithmeticException if that would lose a digit
     */
    public static BigDecimal exact(BigDecimal amount) {
        return amount.setScale(SCALE, RoundingMode.UNNECESSARY);
    }
}
