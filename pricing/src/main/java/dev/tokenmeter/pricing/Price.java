package dev.tokenmeter.pricing;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One price: for which models, when, and at what rates; or a factor on whatever the sources after it charge. It is what
 * {@link dev.tokenmeter.schemas.Price} holds in Kafka; see {@link PriceRecords}. Make one with {@link #builder}.
 *
 * @param id stands in events, so that any cost can be traced
 * @param tenant whose calls it is for; empty for everyone's
 * @param provider provider as events name it, or as the catalogue does; {@value #ANY} for all
 * @param names the models
 * @param validity when it holds
 * @param serviceTiers tiers, as answers name them, that it is for; empty for all of them. An answer that states none
 *     counts as {@code default}
 * @param regions factor on the rates of tokens, not of other units, by region or data residency, as providers charge it
 *     (<a href="https://platform.claude.com/docs/en/about-claude/pricing#data-residency-pricing">Anthropic</a>,
 *     <a href="https://docs.x.ai/developers/pricing">xAI</a>); where there is any, it prices no call elsewhere, but does
 *     price one without a region
 * @param rates rates of a call below the first context tier; none where there is a factor
 * @param contextTiers rates for long inputs, by rising edge
 * @param exchange currency of the rates
 * @param factor multiplies what the sources after this one charge; null where there are rates
 * @param provenance where it is from
 */
public record Price(
        String id,
        String tenant,
        String provider,
        Names names,
        Validity validity,
        Set<String> serviceTiers,
        Map<String, BigDecimal> regions,
        Rates rates,
        List<ContextTier> contextTiers,
        Exchange exchange,
        BigDecimal factor,
        Provenance provenance) {
    /** Stands for every provider; in a pattern, for any text. */
    public static final String ANY = "*";

    /** Names that providers use for the tier that needs no asking; an answer that states none means it. */
    public static final Set<String> STANDARD_TIERS = Set.of("default", "standard", "on_demand");

    private static final int MAX_CONTEXT_TIERS = 16;
    private static final int MAX_REGIONS = 200;

    public Price {
        Names.checked(id, "id");
        Names.checked(provider, "provider");
        serviceTiers = Set.copyOf(serviceTiers);
        serviceTiers.forEach(tier -> Names.checked(tier, "service_tiers"));
        Map<String, BigDecimal> factors = new HashMap<>();
        regions.forEach((region, value) ->
                factors.put(Names.checked(region, "regions"), Amounts.factor(value, "regions." + region)));
        regions = Map.copyOf(factors);
        contextTiers = contextTiers.stream()
                .sorted(Comparator.comparingLong(ContextTier::fromInputTokens))
                .toList();
        if (contextTiers.size() > MAX_CONTEXT_TIERS || regions.size() > MAX_REGIONS) {
            throw InvalidPriceException.of(
                    "context_tiers",
                    contextTiers.size() + " tiers, " + regions.size() + " regions",
                    "at most " + MAX_CONTEXT_TIERS + " tiers and " + MAX_REGIONS + " regions");
        }
        if (contextTiers.stream().map(ContextTier::fromInputTokens).distinct().count() != contextTiers.size()) {
            throw InvalidPriceException.of("context_tiers", "one edge twice", "different edges");
        }
        if (factor != null) {
            factor = Amounts.factor(factor, "factor");
        }
        if ((factor == null) == rates.isEmpty()) {
            throw InvalidPriceException.of(
                    "factor", factor == null ? "neither rates nor a factor" : "rates and a factor", "one of them");
        }
        if (factor != null && !(contextTiers.isEmpty() && regions.isEmpty() && exchange.equals(Exchange.USD))) {
            throw InvalidPriceException.of(
                    "factor",
                    "context tiers, regions or a currency beside it",
                    "a factor alone: it scales all of them");
        }
    }

    /** A price of some models at a provider, to be completed. */
    public static PriceBuilder builder(String id, String provider, Names names) {
        return new PriceBuilder(id, provider, names);
    }

    boolean isForTier(String tier) {
        return serviceTiers.isEmpty() || serviceTiers.contains(tier);
    }

    boolean isForRegion(String region) {
        return region == null || regions.isEmpty() || regions.containsKey(region);
    }
}
