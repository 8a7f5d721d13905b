package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * USD for one token of each kind and for one of each other unit, at the scale of money: a product with a whole number is
 * exact as it stands.
 */
final class UsdRates {
    private static final TokenKind[] KINDS = TokenKind.values();

    private final BigDecimal[] perToken = new BigDecimal[KINDS.length];
    private final Map<String, BigDecimal> perUnit = new HashMap<>();
    private final BigDecimal perRequest;
    private final boolean empty;

    private UsdRates(Rates rates, BigDecimal tokenFactor, BigDecimal unitFactor) {
        rates.perMillionTokens()
                .forEach((kind, rate) -> perToken[kind.ordinal()] = Amounts.usdPerToken(rate, tokenFactor));
        rates.perUnit().forEach((unit, rate) -> perUnit.put(unit, Amounts.usdPerUnit(rate, unitFactor)));
        empty = rates.isEmpty();
        perRequest = perUnit.remove(Rates.REQUESTS);
        // Providers bill reasoning as output unless they list another rate:
        // https://platform.openai.com/docs/guides/reasoning
        // https://docs.claude.com/en/docs/build-with-claude/extended-thinking
        // https://api-docs.deepseek.com/quick_start/pricing
        if (!rates.perMillionTokens().containsKey(TokenKind.REASONING_OUTPUT)) {
            perToken[TokenKind.REASONING_OUTPUT.ordinal()] = perToken[TokenKind.TEXT_OUTPUT.ordinal()];
        }
    }

    /** Rates of tokens and of other units, each times its factor. */
    static UsdRates of(Rates rates, BigDecimal tokenFactor, BigDecimal unitFactor) {
        return new UsdRates(rates, tokenFactor, unitFactor);
    }

    boolean isEmpty() {
        return empty;
    }

    /** Null when a quantity above zero has no rate. */
    Cost cost(ToLongFunction<TokenKind> tokens, Map<String, BigDecimal> units, long requests) {
        Map<String, BigDecimal> parts = new LinkedHashMap<>();
        BigDecimal total = Money.ZERO;
        for (TokenKind kind : KINDS) {
            long count = tokens.applyAsLong(kind);
            if (count == 0) {
                continue;
            }
            BigDecimal rate = perToken[kind.ordinal()];
            if (rate == null) {
                return null;
            }
            BigDecimal part = rate.multiply(BigDecimal.valueOf(count));
            parts.put(kind.field(), part);
            total = total.add(part);
        }
        for (Map.Entry<String, BigDecimal> unit : units.entrySet()) {
            if (unit.getValue().signum() == 0) {
                continue;
            }
            BigDecimal rate = perUnit.get(unit.getKey());
            if (rate == null) {
                return null;
            }
            BigDecimal part = times(rate, unit.getValue());
            parts.put(unit.getKey(), part);
            total = total.add(part);
        }
        if (perRequest != null && requests != 0) {
            BigDecimal part = perRequest.multiply(BigDecimal.valueOf(requests));
            parts.put(Rates.REQUESTS, part);
            total = total.add(part);
        }
        return new Cost(total, parts);
    }

    boolean prices(TokenKind kind) {
        return perToken[kind.ordinal()] != null;
    }

    /** Names of quantities above zero without a rate. */
    Set<String> unpriced(ToLongFunction<TokenKind> tokens, Map<String, BigDecimal> units) {
        Set<String> names = new LinkedHashSet<>();
        for (TokenKind kind : KINDS) {
            if (tokens.applyAsLong(kind) != 0 && !prices(kind)) {
                names.add(kind.field());
            }
        }
        units.forEach((unit, count) -> {
            if (count.signum() != 0 && perUnit.get(unit) == null) {
                names.add(unit);
            }
        });
        return names;
    }

    /** A fraction of a unit (seconds) may need more digits than money has: the part is then rounded, half to even. */
    private static BigDecimal times(BigDecimal rate, BigDecimal quantity) {
        return rate.multiply(quantity).setScale(Money.SCALE, RoundingMode.HALF_EVEN);
    }
}
