package dev.tokenmeter.pricing;

import java.math.BigDecimal;

/**
 * The currency of a price.
 *
 * @param currency ISO 4217 code
 * @param usd USD for one unit of it
 */
public record Exchange(String currency, BigDecimal usd) {
    /** No exchange. */
    public static final Exchange USD = new Exchange("USD", BigDecimal.ONE);

    public Exchange {
        if (!currency.matches("[A-Z]{3}")) {
            throw new InvalidPriceException("currency", currency, "an ISO 4217 code such as EUR");
        }
        usd = Amounts.exchange(usd, "exchange_rate");
        if (currency.equals("USD") && usd.compareTo(BigDecimal.ONE) != 0) {
            throw new InvalidPriceException("exchange_rate", usd, "none for USD");
        }
    }
}
