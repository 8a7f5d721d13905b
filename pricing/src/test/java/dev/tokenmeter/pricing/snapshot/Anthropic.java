package dev.tokenmeter.pricing.snapshot;

import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.Rates;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What Anthropic documents and neither list says. */
final class Anthropic {
    /** https://docs.claude.com/en/docs/agents-and-tools/tool-use/web-fetch-tool: no charge beyond tokens. */
    private static final Rates FREE = new Rates(Map.of(), Map.of("web_fetch_requests", BigDecimal.ZERO));

    private Anthropic() {}

    static List<Price> completed(List<Price> prices) {
        return prices.stream()
                .map(price -> Copies.withUnits(price, FREE))
                .map(Anthropic::withLongCacheWrites)
                .toList();
    }

    /**
     * A cache write that lives an hour costs twice the input, five minutes 1.25 times, and batches halve both
     * (https://docs.claude.com/en/docs/about-claude/pricing: the multipliers stack).
     */
    private static Price withLongCacheWrites(Price price) {
        Map<TokenKind, BigDecimal> rates = price.rates().perMillionTokens();
        BigDecimal input = rates.get(TokenKind.UNCACHED_INPUT);
        if (!price.serviceTiers().equals(Set.of("batch"))
                || input == null
                || !rates.containsKey(TokenKind.CACHE_WRITE_5M_INPUT)
                || rates.containsKey(TokenKind.CACHE_WRITE_1H_INPUT)) {
            return price;
        }
        BigDecimal twice = input.multiply(BigDecimal.valueOf(2));
        return Copies.withUnits(price, new Rates(Map.of(TokenKind.CACHE_WRITE_1H_INPUT, twice), Map.of()));
    }
}
