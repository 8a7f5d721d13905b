package dev.tokenmeter.queryapi.whatif;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.pricing.InvalidPriceException;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.pricing.PriceFile;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Parameters;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.queryapi.usage.Asked;
import dev.tokenmeter.queryapi.whatif.Scenario.Suppositions;
import dev.tokenmeter.storage.query.Bucket;
import dev.tokenmeter.storage.query.Dimension;
import dev.tokenmeter.storage.query.QuantityQuery.Model;
import dev.tokenmeter.storage.query.UsageQuery;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The parameters of a question, and the prices that its body gives. What is wrong is named. */
final class WhatIfParameters {
    static final Set<String> NAMES = Set.of(
            "from",
            "to",
            "tenant",
            "filter.*",
            "group_by",
            "granularity",
            "limit",
            "format",
            "model",
            "map.*",
            "factor",
            "token_factor",
            "service_tier",
            "prices_at");

    private static final int DEFAULT_LIMIT = 1_000;
    private static final int MAX_PRICES = 200;
    private static final String MODEL = "provider/model, such as openai/gpt-4o";

    private WhatIfParameters() {}

    /** @param known the prices as they are */
    static Question read(ApiRequest request, PriceBook known, Instant now) {
        Parameters parameters = request.parameters();
        Map<Dimension, String> filters = Asked.filters(request);
        Targets targets = new Targets(
                request.body() == null ? known : known.supposing(prices(request.body())),
                filters.getOrDefault(Dimension.Field.TENANT, ""));
        Suppositions supposed = new Suppositions(
                parameters
                        .text("model")
                        .map(text -> targets.named("model", text))
                        .orElse(null),
                map(parameters, targets),
                parameters.text("service_tier").orElse(null),
                parameters.text("prices_at").isPresent() ? parameters.time("prices_at", now) : null,
                factor(parameters, "factor"),
                factor(parameters, "token_factor"));
        if (supposed.everything() != null && !supposed.models().isEmpty()) {
            throw Problem.badParameter("model", "given beside map.*", "one of the two");
        }
        return new Question(
                Asked.range(parameters, now),
                filters,
                Asked.groupBy(parameters),
                Asked.bucket(parameters, Bucket.NONE, Asked.allBuckets()),
                parameters.integer("limit", DEFAULT_LIMIT, 1, UsageQuery.MAX_ROWS),
                new Scenario(targets.book, supposed));
    }

    private static Map<Model, Model> map(Parameters parameters, Targets targets) {
        Map<Model, Model> models = new HashMap<>();
        parameters.startingWith("map.").forEach((from, to) -> {
            String name = "map." + from;
            models.put(model(name, from), targets.named(name, to));
        });
        return models;
    }

    /** Models that may be supposed: those that a tenant (or, where the name is empty, everyone) has a price for. */
    private record Targets(PriceBook book, String tenant) {
        Model named(String parameter, String text) {
            Model model = model(parameter, text);
            if (!book.lists(tenant, model.provider(), model.name())) {
                throw Problem.badParameter(
                        parameter,
                        "no price is known of '" + text + "'",
                        "a model that /api/v1/prices lists, as provider/model, or one whose price the body of a POST gives");
            }
            return model;
        }
    }

    private static Model model(String parameter, String text) {
        int slash = text.indexOf('/');
        if (slash < 1 || slash == text.length() - 1) {
            throw Problem.badParameter(parameter, "found '" + text + "'", MODEL);
        }
        return new Model(text.substring(0, slash), text.substring(slash + 1));
    }

    private static BigDecimal factor(Parameters parameters, String name) {
        return parameters
                .text(name)
                .map(text -> {
                    if (text.matches("\\d{1,4}(\\.\\d{1,6})?")) {
                        BigDecimal factor = new BigDecimal(text);
                        if (factor.signum() > 0 && factor.compareTo(BigDecimal.valueOf(1_000)) <= 0) {
                            return factor;
                        }
                    }
                    throw Problem.badParameter(
                            name, "found '" + text + "'", "more than 0, up to 1000, at most six decimals");
                })
                .orElse(BigDecimal.ONE);
    }

    private static List<Price> prices(JsonNode body) {
        body.fieldNames().forEachRemaining(name -> {
            if (!name.equals("prices")) {
                throw Problem.badParameter(name, "no such field", "prices");
            }
        });
        JsonNode list = body.path("prices");
        if (!list.isArray() || list.size() > MAX_PRICES) {
            throw Problem.badParameter(
                    "prices",
                    list.isArray() ? "found " + list.size() : "not a list",
                    "up to " + MAX_PRICES + " prices");
        }
        List<Price> prices = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (JsonNode entry : list) {
            String at = "prices[" + prices.size() + "]";
            Price price = price(entry, at);
            if (!price.tenant().isEmpty()) {
                throw Problem.badParameter(at + ".tenant", "found '" + price.tenant() + "'", "none: filter by tenant");
            }
            if (!ids.add(price.id())) {
                throw Problem.badParameter(at + ".id", "found '" + price.id() + "' twice", "an id of its own");
            }
            prices.add(price);
        }
        return prices;
    }

    private static Price price(JsonNode entry, String at) {
        try {
            return PriceFile.readOne(entry, "what-if");
        } catch (InvalidPriceException e) {
            throw Problem.badField(at + "." + e.field(), at + "." + e.getMessage());
        }
    }
}
