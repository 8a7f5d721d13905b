package dev.tokenmeter.standalone.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Exits with 0, or 1 with what is wrong. */
@Command(
        name = "what-if",
        description = "Tells what past calls would have cost under other models or prices; changes nothing.",
        mixinStandardHelpOptions = true)
public final class WhatIfCommand implements Callable<Integer> {
    @Mixin
    private ApiClient api;

    @Option(names = "--to", paramLabel = "PROVIDER/MODEL", description = "The model that answers all of them.")
    private String to;

    @Option(
            names = "--map",
            paramLabel = "PROVIDER/MODEL=PROVIDER/MODEL",
            description = "Which model answers in the place of which; may be repeated.")
    private Map<String, String> models = Map.of();

    @Option(names = "--service-tier", paramLabel = "TIER", description = "The tier that all run in, such as batch.")
    private String serviceTier;

    @Option(
            names = "--prices-at",
            converter = RepriceCommand.Time.class,
            paramLabel = "TIME",
            description = "Whose prices hold; those of the time of each call unless given.")
    private Instant pricesAt;

    @Option(names = "--factor", paramLabel = "FACTOR", description = "On all prices; 0.8 is 20 %% off.")
    private String factor;

    @Option(
            names = "--token-factor",
            paramLabel = "FACTOR",
            description = "Tokens that another model counts for one that was counted; default 1.")
    private String tokenFactor;

    @Option(
            names = "--prices",
            paramLabel = "FILE",
            description = "Prices that come before all others, in the format of pricing.file.")
    private Path prices;

    @Option(
            names = "--from",
            converter = RepriceCommand.Time.class,
            paramLabel = "TIME",
            description = "Calls from then on; the first of the month unless given.")
    private Instant from;

    @Option(
            names = "--until",
            converter = RepriceCommand.Time.class,
            paramLabel = "TIME",
            description = "Until then, exclusive; default now.")
    private Instant until;

    @Option(names = "--tenant", paramLabel = "NAME", description = "Only this tenant's calls.")
    private String tenant;

    @Option(
            names = "--filter",
            paramLabel = "DIMENSION=VALUE",
            description = "Only these calls, such as tag.feature=chatbot; may be repeated.")
    private Map<String, String> filters = Map.of();

    @Option(
            names = "--group-by",
            split = ",",
            paramLabel = "DIMENSION",
            defaultValue = "model",
            description = "Rows, such as tag.feature; default model.")
    private List<String> groupBy;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        String path = "/api/v1/what-if" + ApiClient.query(parameters());
        JsonNode answer = prices == null ? api.answer("GET", path, null) : api.answer("POST", path, readPrices());
        System.out.println(json ? ApiClient.pretty(answer) : WhatIfTable.of(answer, groupBy));
        return 0;
    }

    private Map<String, String> parameters() {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("from", from == null ? null : from.toString());
        query.put("to", until == null ? null : until.toString());
        query.put("tenant", tenant);
        filters.forEach((dimension, value) -> query.put("filter." + dimension, value));
        query.put("group_by", String.join(",", groupBy));
        query.put("model", to);
        models.forEach((one, other) -> query.put("map." + one, other));
        query.put("service_tier", serviceTier);
        query.put("prices_at", pricesAt == null ? null : pricesAt.toString());
        query.put("factor", factor);
        query.put("token_factor", tokenFactor);
        return query;
    }

    private JsonNode readPrices() {
        try {
            return new ObjectMapper().readTree(Files.readAllBytes(prices));
        } catch (JsonProcessingException e) {
            throw new ApiClient.ApiException("--prices: " + prices + " is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new ApiClient.ApiException("--prices: cannot read " + prices + "; allowed: a file of prices");
        }
    }
}
