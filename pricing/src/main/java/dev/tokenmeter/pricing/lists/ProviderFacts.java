package dev.tokenmeter.pricing.lists;

import dev.tokenmeter.pricing.ContextTier;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.Rates;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What providers document once for all their models, so that lists by model do not say it. A model's own rate wins. */
final class ProviderFacts {
    /** https://docs.claude.com/en/docs/agents-and-tools/tool-use/web-fetch-tool: no charge beyond tokens. */
    private static final Rates ANTHROPIC = new Rates(Map.of(), Map.of("web_fetch_requests", BigDecimal.ZERO));

    /**
     * https://platform.openai.com/docs/pricing, "Built-in tools": 10 USD for 1,000 web searches, 2.50 for 1,000 file
     * searches, 0.03 for a container.
     */
    private static final Rates OPENAI = new Rates(
            Map.of(),
            Map.of(
                    "web_search_requests", new BigDecimal("0.01"),
                    "file_search_requests", new BigDecimal("0.0025"),
                    "code_interpreter_sessions", new BigDecimal("0.03")));

    private ProviderFacts() {}

    static Price completed(Price price) {
        return switch (price.provider()) {
            case "anthropic" -> with(price, anthropic(price), price.contextTiers());
            case "openai" -> usesTools(price) ? with(price, price.rates().over(OPENAI), price.contextTiers()) : price;
            case "xai" -> with(price, price.rates(), fromEdge(price.contextTiers()));
            default -> price;
        };
    }

    private static boolean usesTools(Price price) {
        boolean searchModel = price.names().first().contains("search");
        return !searchModel && price.rates().perMillionTokens().containsKey(TokenKind.TEXT_OUTPUT);
    }

    /**
     * A cache write that lives an hour costs twice the input, five minutes 1.25 times, and batches halve both
     * (https://docs.claude.com/en/docs/about-claude/pricing: the multipliers stack).
     */
    private static Rates anthropic(Price price) {
        Rates rates = price.rates().over(ANTHROPIC);
        Map<TokenKind, BigDecimal> tokens = rates.perMillionTokens();
        BigDecimal input = tokens.get(TokenKind.UNCACHED_INPUT);
        boolean unlisted = tokens.containsKey(TokenKind.CACHE_WRITE_5M_INPUT)
                && !tokens.containsKey(TokenKind.CACHE_WRITE_1H_INPUT);
        if (!price.serviceTiers().equals(Set.of("batch")) || input == null || !unlisted) {
            return rates;
        }
        Map<TokenKind, BigDecimal> complete = new HashMap<>(tokens);
        complete.put(TokenKind.CACHE_WRITE_1H_INPUT, input.multiply(BigDecimal.valueOf(2)));
        return new Rates(complete, rates.perUnit());
    }

    /** xAI's tiers begin with "200k and above" (https://docs.x.ai/docs/models), which LiteLLM's keys cannot say. */
    private static List<ContextTier> fromEdge(List<ContextTier> tiers) {
        return tiers.stream()
                .map(tier -> tier.fromInputTokens() == 200_001 ? new ContextTier(200_000, tier.rates()) : tier)
                .toList();
    }

    private static Price with(Price price, Rates rates, List<ContextTier> contextTiers) {
        return new Price(
                price.id(),
                price.tenant(),
                price.provider(),
                price.names(),
                price.validity(),
                price.serviceTiers(),
                price.regions(),
                rates,
                contextTiers,
                price.exchange(),
                price.factor(),
                price.provenance());
    }
}
