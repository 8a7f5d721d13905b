package dev.tokenmeter.aggregator.anomaly;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;

/**
 * What calls used, or the exact sum over many.
 *
 * @param usd known cost, USD, at the scale of money
 * @param tokens of all kinds
 * @param requests calls
 */
public record Amount(BigDecimal usd, long tokens, long requests) {
    /** Nothing. */
    public static final Amount NONE = new Amount(Money.ZERO, 0, 0);

    /** The sum of both. */
    public Amount plus(Amount more) {
        return new Amount(
                usd.add(more.usd), Math.addExact(tokens, more.tokens), Math.addExact(requests, more.requests));
    }
}
