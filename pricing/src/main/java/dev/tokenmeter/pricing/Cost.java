package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An exact cost. A rate has at most six digits after the point per million tokens and a unit rate at most twelve, so a
 * product never needs more than the {@link Money#SCALE} of the contract and nothing is ever rounded.
 *
 * @param usd the whole, USD
 * @param parts the same by quantity, USD; only quantities above zero
 */
record Cost(BigDecimal usd, Map<String, BigDecimal> parts) {
    private static final int PER_MILLION = 6;

    /** Empty when a quantity above zero has no rate: a part of a cost would pass for the whole of it. */
    static Optional<Cost> of(UsageEvent event, Rates rates) {
        Map<String, BigDecimal> parts = new LinkedHashMap<>();
        for (TokenKind kind : TokenKind.values()) {
            long tokens = kind.of(event);
            if (tokens == 0) {
                continue;
            }
            BigDecimal rate = rates.usdPerMillionTokens().get(kind);
            if (rate == null) {
                return Optional.empty();
            }
            parts.put(
                    kind.field(),
                    Money.exact(rate.multiply(BigDecimal.valueOf(tokens)).movePointLeft(PER_MILLION)));
        }
        for (Map.Entry<String, BigDecimal> unit : event.getUnits().entrySet()) {
            if (unit.getValue().signum() == 0) {
                continue;
            }
            BigDecimal rate = rates.usdPerUnit().get(unit.getKey());
            if (rate == null) {
                return Optional.empty();
            }
            parts.put(unit.getKey(), Money.exact(rate.multiply(unit.getValue().stripTrailingZeros())));
        }
        BigDecimal total = parts.values().stream().reduce(Money.ZERO, BigDecimal::add);
        return Optional.of(new Cost(total, parts));
    }
}
