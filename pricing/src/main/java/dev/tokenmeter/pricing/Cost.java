package dev.tokenmeter.pricing;

import java.math.BigDecimal;
import java.util.Map;

/**
 * A cost, exact, at the scale of money.
 *
 * @param usd the whole, USD
 * @param parts the same by quantity, USD; only quantities above zero; not to be changed
 */
public record Cost(BigDecimal usd, Map<String, BigDecimal> parts) {}
