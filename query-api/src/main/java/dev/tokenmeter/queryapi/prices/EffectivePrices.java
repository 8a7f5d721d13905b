package dev.tokenmeter.queryapi.prices;

import dev.tokenmeter.pricefeed.PriceFeed;
import dev.tokenmeter.pricing.ContextTier;
import dev.tokenmeter.pricing.Cost;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceQuery;
import dev.tokenmeter.pricing.Tariff;
import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.http.Parameters;
import dev.tokenmeter.queryapi.prices.PriceAnswers.Listed;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** {@code /api/v1/prices/effective}: what would price a call, from which source, after all factors. */
public final class EffectivePrices {
    private static final long MILLION = 1_000_000;
    private static final String PER_CALL = "requests";

    private final PriceFeed prices;
    private final Clock clock;

    public EffectivePrices(PriceFeed prices, Clock clock) {
        this.prices = prices;
        this.clock = clock;
    }

    /** Puts it on its path. */
    public void register(Endpoints endpoints) {
        endpoints.get(
                "/api/v1/prices/effective",
                Set.of("provider", "model", "tenant", "service_tier", "region", "at"),
                this::effective);
    }

    private ApiAnswer effective(ApiRequest request) {
        Parameters asked = request.parameters();
        PriceQuery query = new PriceQuery(
                request.access().scope(asked.text("tenant")).orElse(""),
                required(asked, "provider"),
                required(asked, "model"),
                asked.text("service_tier").orElse(null),
                asked.text("region").orElse(null),
                asked.time("at", clock.instant()));
        List<Listed> all = PriceAnswers.all(prices);
        Tariff tariff = prices.book()
                .find(query)
                .orElseThrow(() ->
                        Problem.notFound("A price of " + query.provider() + "/" + query.model() + " at " + query.at()));
        return ApiAnswer.data(json(tariff, query, all));
    }

    private static String required(Parameters asked, String name) {
        return asked.text(name).orElseThrow(() -> Problem.badParameter(name, "not given", "as events name it"));
    }

    private static Map<String, Object> json(Tariff tariff, PriceQuery query, List<Listed> all) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("price_id", tariff.id());
        json.put("provider", query.provider());
        json.put("model", query.model());
        json.put("at", query.at());
        addRates(json, tariff, 0);
        List<Map<String, Object>> tiers = new ArrayList<>();
        for (ContextTier tier : tariff.price().contextTiers()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("from_input_tokens", tier.fromInputTokens());
            addRates(one, tariff, tier.fromInputTokens());
            tiers.add(one);
        }
        if (!tiers.isEmpty()) {
            json.put("context_tiers", tiers);
        }
        all.stream().filter(one -> one.price() == tariff.price()).findFirst().ifPresent(one -> {
            json.put("source", PriceAnswers.name(one.source()));
            json.put("price", PriceAnswers.json(one));
        });
        return json;
    }

    /** What a million of each kind of token, and one of each unit, costs: the rates times all factors. */
    private static void addRates(Map<String, Object> json, Tariff tariff, long contextTokens) {
        Map<String, BigDecimal> tokens = new LinkedHashMap<>();
        for (TokenKind kind : TokenKind.values()) {
            Cost cost = tariff.cost(contextTokens, one -> one == kind ? MILLION : 0, Map.of(), 0);
            if (cost != null) {
                tokens.put(kind.field(), cost.usd());
            }
        }
        json.put("usd_per_million_tokens", tokens);
        Map<String, BigDecimal> units = new TreeMap<>();
        for (String unit : units(tariff.price())) {
            boolean perCall = unit.equals(PER_CALL);
            Map<String, BigDecimal> one = perCall ? Map.of() : Map.of(unit, BigDecimal.ONE);
            Cost cost = tariff.cost(contextTokens, kind -> 0, one, perCall ? 1 : 0);
            if (cost != null) {
                units.put(unit, cost.usd());
            }
        }
        if (!units.isEmpty()) {
            json.put("usd_per_unit", units);
        }
    }

    private static Set<String> units(Price price) {
        Set<String> units = new TreeSet<>(price.rates().perUnit().keySet());
        price.contextTiers().forEach(tier -> units.addAll(tier.rates().perUnit().keySet()));
        return units;
    }
}
