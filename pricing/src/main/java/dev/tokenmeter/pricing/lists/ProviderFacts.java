package dev.tokenmeter.pricing.lists;

import dev.tokenmeter.pricing.ContextTier;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.Rates;
import dev.tokenmeter.pricing.Validity;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.time.Instant;
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

    /**
     * https://developers.openai.com/api/docs/guides/data-residency: each regional domain ({@code jp.api.openai.com}) costs a
     * tenth more for models that were released on or after 2026-03-05. Lists know that of two.
     */
    private static final Set<String> OPENAI_REGIONS =
            Set.of("us", "eu", "au", "ca", "jp", "in", "sg", "kr", "gb", "ae");

    /** https://docs.x.ai/developers/advanced-api-usage/regions: what us.api.x.ai serves, at 1.1 times the rates of tokens. */
    private static final Set<String> XAI_IN_US = Set.of("grok-4.6");

    private static final Map<String, BigDecimal> XAI_REGIONS =
            Map.of("global", BigDecimal.ONE, "us", new BigDecimal("1.1"));

    /** https://api-docs.deepseek.com/quick_start/pricing: "The new prices take effect at 16:00 UTC on August 16, 2026". */
    private static final Instant DEEPSEEK_STATED = Instant.parse("2026-08-16T16:00:00Z");

    private static final Instant DEEPSEEK_LISTED = Instant.parse("2026-08-17T00:00:00Z");

    private static final BigDecimal TWICE = BigDecimal.valueOf(2);
    private static final BigDecimal ONE_AND_A_HALF = new BigDecimal("1.5");

    private ProviderFacts() {}

    static Price completed(Price price) {
        return switch (price.provider()) {
            case "anthropic" -> with(price, price.regions(), anthropic(price), anthropicTiers(price));
            case "deepseek" -> deepSeek(price);
            case "openai" -> with(price, openAiRegions(price.regions()), openAi(price), price.contextTiers());
            case "xai" -> with(price, xAiRegions(price), price.rates(), fromEdge(price.contextTiers()));
            default -> price;
        };
    }

    private static Rates openAi(Price price) {
        return usesTools(price) ? price.rates().over(OPENAI) : price.rates();
    }

    private static Map<String, BigDecimal> openAiRegions(Map<String, BigDecimal> listed) {
        BigDecimal uplift = listed.get("us");
        if (uplift == null) {
            return listed;
        }
        Map<String, BigDecimal> all = new HashMap<>(listed);
        OPENAI_REGIONS.forEach(region -> all.putIfAbsent(region, uplift));
        return all;
    }

    private static Map<String, BigDecimal> xAiRegions(Price price) {
        boolean inUs = XAI_IN_US.stream()
                .anyMatch(name -> price.names().models().contains(name)
                        || price.names().datedModels().contains(name));
        return inUs && price.regions().isEmpty() ? XAI_REGIONS : price.regions();
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
        complete.put(TokenKind.CACHE_WRITE_1H_INPUT, input.multiply(TWICE));
        return new Rates(complete, rates.perUnit());
    }

    /**
     * Above 200,000 input tokens, where it costs more at all, input and cache cost twice and output 1.5 times, also in
     * batches (https://docs.claude.com/en/docs/about-claude/pricing, "Long context pricing", February 2026: it stacks with the
     * batch discount), of which lists give no such tier.
     */
    private static List<ContextTier> anthropicTiers(Price price) {
        if (!price.serviceTiers().equals(Set.of("batch"))) {
            return price.contextTiers();
        }
        return price.contextTiers().stream()
                .map(tier -> tier.rates().perMillionTokens().isEmpty()
                        ? new ContextTier(tier.fromInputTokens(), longContext(price.rates()))
                        : tier)
                .toList();
    }

    private static Rates longContext(Rates rates) {
        Map<TokenKind, BigDecimal> tokens = new HashMap<>();
        rates.perMillionTokens()
                .forEach((kind, rate) -> tokens.put(kind, rate.multiply(kind.isInput() ? TWICE : ONE_AND_A_HALF)));
        return new Rates(tokens, Map.of());
    }

    /** A day that lists give for a price that began or ended within it. */
    private static Price deepSeek(Price price) {
        Validity listed = price.validity();
        Validity stated = new Validity(deepSeek(listed.from()), deepSeek(listed.until()), listed.hours());
        return stated.equals(listed)
                ? price
                : with(price, stated, price.regions(), price.rates(), price.contextTiers());
    }

    private static Instant deepSeek(Instant listed) {
        return DEEPSEEK_LISTED.equals(listed) ? DEEPSEEK_STATED : listed;
    }

    /** xAI's tiers begin with "200k and above" (https://docs.x.ai/docs/models), which LiteLLM's keys cannot say. */
    private static List<ContextTier> fromEdge(List<ContextTier> tiers) {
        return tiers.stream()
                .map(tier -> tier.fromInputTokens() == 200_001 ? new ContextTier(200_000, tier.rates()) : tier)
                .toList();
    }

    private static Price with(
            Price price, Map<String, BigDecimal> regions, Rates rates, List<ContextTier> contextTiers) {
        return with(price, price.validity(), regions, rates, contextTiers);
    }

    private static Price with(
            Price price,
            Validity validity,
            Map<String, BigDecimal> regions,
            Rates rates,
            List<ContextTier> contextTiers) {
        return new Price(
                price.id(),
                price.tenant(),
                price.provider(),
                price.names(),
                validity,
                price.serviceTiers(),
                regions,
                rates,
                contextTiers,
                price.exchange(),
                price.factor(),
                price.provenance());
    }
}
