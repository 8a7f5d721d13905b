package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * What each quantity costs under one price, in the price's currency.
 *
 * @param perMillionTokens rates per 1,000,000 tokens; a kind that is absent is not priced, which differs from zero
 * @param perUnit rates for one of each other unit, by the name that it has in {@code UsageEvent.units};
 *     {@value #REQUESTS} is charged once per call
 */
public record Rates(Map<TokenKind, BigDecimal> perMillionTokens, Map<String, BigDecimal> perUnit) {
    /** Unit of a fee per call. */
    public static final String REQUESTS = "requests";

    /** No rate at all. */
    public static final Rates NONE = new Rates(Map.of(), Map.of());

    private static final int MAX_UNITS = 1_000;

    public Rates {
        Map<TokenKind, BigDecimal> tokens = new EnumMap<>(TokenKind.class);
        perMillionTokens.forEach((kind, rate) -> tokens.put(kind, Amounts.perMillion(rate, kind.field())));
        Map<String, BigDecimal> units = new HashMap<>();
        perUnit.forEach((unit, rate) -> units.put(Names.checked(unit, "unit"), Amounts.perUnit(rate, unit)));
        if (units.size() > MAX_UNITS) {
            throw InvalidPriceException.of("per_unit", units.size() + " units", "at most " + MAX_UNITS);
        }
        perMillionTokens = Map.copyOf(tokens);
        perUnit = Map.copyOf(units);
    }

    boolean isEmpty() {
        return perMillionTokens.isEmpty() && perUnit.isEmpty();
    }

    /** These rates where they are listed, those of the other where not. */
    public Rates over(Rates base) {
        Map<TokenKind, BigDecimal> tokens = new HashMap<>(base.perMillionTokens);
        tokens.putAll(perMillionTokens);
        Map<String, BigDecimal> units = new HashMap<>(base.perUnit);
        units.putAll(perUnit);
        return new Rates(tokens, units);
    }
}
