package dev.tokenmeter.queryapi;

import static dev.tokenmeter.storage.sink.TestRecords.event;
import static dev.tokenmeter.storage.sink.TestRecords.rollups;
import static dev.tokenmeter.storage.sink.TestRecords.store;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.queryapi.ApiForTests.Answer;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code /api/v1/what-if} answers, in figures that can be checked by hand. */
class WhatIfTest {
    private static final Instant AT = Instant.parse("2026-11-20T09:30:00Z");
    private static final String DAY = "/api/v1/what-if?from=2026-11-20&to=2026-11-21";
    private static ApiForTests api;
    private static ApiForTests acme;

    @BeforeAll
    static void start() throws Exception {
        Map<String, String> settings = new HashMap<>();
        settings.putAll(ApiForTests.token("operator", "*", "viewer"));
        settings.putAll(ApiForTests.token("acme", "acme", "viewer"));
        ApiForTests open = ApiForTests.start(settings);
        api = open.as("operator-token");
        acme = open.as("acme-token");
        // Prices by the million: gpt-4o 2.50 in, 1.25 cached, 10 out; claude-sonnet-4-5 3, 0.30, 15.
        List<UsageEvent> events = List.of(
                event("acme", AT, "gpt-4o-2024-08-06", "0.02625") // 0.005 + 0.00125 + 0.02
                        .setUncachedInputTokens(2_000)
                        .setCacheReadInputTokens(1_000)
                        .setTextOutputTokens(2_000)
                        .setTags(Map.of("feature", "chatbot"))
                        .build(),
                event("acme", AT, "gpt-4o-2024-08-06", "0.0125") // with a search at 0.01
                        .setUncachedInputTokens(1_000)
                        .setTextOutputTokens(0)
                        .setUnits(Map.of("web_search_requests", BigDecimal.ONE.setScale(12)))
                        .setTags(Map.of("feature", "=search"))
                        .build(),
                event("acme", AT, "house-model", null)
                        .setProvider("vllm")
                        .setTags(Map.of("feature", "chatbot"))
                        .build(),
                event("other", AT, "gpt-4o", "31337").build());
        store(open.db.clickHouse(), events.toArray(UsageEvent[]::new));
        for (Granularity granularity : List.of(Granularity.hour, Granularity.day)) {
            store(open.db.clickHouse(), rollups(events, granularity).toArray(UsageRollup[]::new));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
    }

    private static JsonObject json(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    @Test
    void anotherModelIsPricedByWhatWasUsedAndEveryRowSaysTheDifference() throws Exception {
        JsonObject answer =
                json(acme.get(DAY + "&model=anthropic/claude-sonnet-4-5&group_by=tag.feature&granularity=day"));
        // chatbot: 2000 * 3 + 1000 * 0.30 + 2000 * 15 = 0.0363, and the house's 100 * 3 + 10 * 15 = 0.00045.
        // search: 1000 * 3 and a search at 0.01.
        assertThat(answer.getJsonArray("data")).isEqualTo(new JsonArray("""
                [{"window_start":"2026-11-20T00:00:00Z","tag.feature":"chatbot","requests":2,
                  "cost_usd":"0.02625","unpriced_requests":1,
                  "what_if_cost_usd":"0.03675","what_if_unpriced_requests":0,"what_if_unpriced_tokens":0,
                  "compared_cost_usd":"0.02625","difference_usd":"0.0105","difference_percent":40.0},
                 {"window_start":"2026-11-20T00:00:00Z","tag.feature":"=search","requests":1,
                  "cost_usd":"0.0125","unpriced_requests":0,
                  "what_if_cost_usd":"0.013","what_if_unpriced_requests":0,"what_if_unpriced_tokens":0,
                  "compared_cost_usd":"0.0125","difference_usd":"0.0005","difference_percent":4.0}]"""));
        JsonObject meta = answer.getJsonObject("meta");
        assertThat(meta.getString("source")).isEqualTo("rollups");
        assertThat(meta.getString("as_of")).isEqualTo("2026-11-20T09:30:00Z");
        assertThat(meta.getJsonObject("what_if").getString("model")).isEqualTo("anthropic/claude-sonnet-4-5");
        assertThat(meta.getJsonObject("total").getString("what_if_cost_usd")).isEqualTo("0.04975");
        assertThat(meta.getJsonArray("assumptions").getJsonObject(0).getString("assumption"))
                .isEqualTo("same_tokens");
    }

    @Test
    void whatWouldHaveNoPriceIsCountedAndInNoSum() throws Exception {
        JsonObject meta = json(acme.get(DAY + "&map.openai/gpt-4o=mistral/mistral-large-latest&group_by=model"))
                .getJsonObject("meta");
        JsonObject total = meta.getJsonObject("total");
        assertThat(total.getInteger("what_if_unpriced_requests")).isEqualTo(2);
        assertThat(total.getInteger("what_if_unpriced_tokens")).isEqualTo(1_110);
        assertThat(total.getString("cost_usd")).isEqualTo("0.03875");
        assertThat(total.getString("compared_cost_usd")).isEqualTo("0.02625");
        assertThat(meta.getJsonArray("what_if_unpriced").stream().map(Object::toString))
                .satisfiesExactlyInAnyOrder(
                        one -> assertThat(one)
                                .contains("no rate for web_search_requests")
                                .contains("mistral/mistral-large-latest")
                                .contains("\"cost_usd\":\"0.0125\""),
                        one -> assertThat(one)
                                .contains("no price of that time")
                                .contains("house-model")
                                .contains("\"cost_usd\":null"));
        JsonObject house = json(acme.get(DAY + "&filter.provider=vllm"))
                .getJsonArray("data")
                .getJsonObject(0);
        assertThat(house.getString("cost_usd")).isNull();
        assertThat(house.getString("what_if_cost_usd")).isNull();
        assertThat(house.getString("difference_usd")).isNull();
    }

    @Test
    void pricesOfTheBodyComeBeforeAllOthersAndAFactorMultipliesThem() throws Exception {
        JsonObject body = new JsonObject("""
                {"prices": [{"provider": "openai", "dated_models": ["gpt-4o"], "factor": "0.5"},
                            {"provider": "vllm", "models": ["house-model"],
                             "usd_per_million_tokens": {"uncached_input_tokens": "1", "text_output_tokens": "2"}}]}""");
        JsonObject total = json(acme.send("POST", DAY + "&factor=2", body))
                .getJsonObject("meta")
                .getJsonObject("total");
        // 2 * (0.03875 / 2 + 0.00012)
        assertThat(total.getString("what_if_cost_usd")).isEqualTo("0.03899");
        assertThat(total.getInteger("what_if_unpriced_requests")).isZero();
        assertThat(json(acme.send("POST", DAY + "&model=ours/new-one", new JsonObject("""
                {"prices": [{"provider": "ours", "models": ["new-one"], "usd_per_unit": {"web_search_requests": "0"},
                  "usd_per_million_tokens": {"uncached_input_tokens": "1", "text_output_tokens": "1"}}]}""")))
                        .getJsonObject("meta")
                        .getJsonObject("total")
                        .getString("what_if_cost_usd"))
                .as("cached tokens count as input where they have no rate of their own")
                .isEqualTo("0.00611");
        JsonObject house = json(acme.send("POST", DAY + "&filter.provider=vllm", new JsonObject("""
                {"prices": [{"provider": "vllm", "models": ["house-model"],
                  "usd_per_million_tokens": {"uncached_input_tokens": "1", "text_output_tokens": "2"}}]}""")))
                .getJsonArray("data")
                .getJsonObject(0);
        assertThat(house.getString("what_if_cost_usd")).isEqualTo("0.00012");
        for (String unknown : List.of("cost_usd", "compared_cost_usd", "difference_usd")) {
            assertThat(house.getValue(unknown)).as(unknown).isNull();
        }
    }

    @Test
    void aServiceTierOfItsOwnIsTakenForAll() throws Exception {
        assertThat(json(acme.get(DAY + "&model=anthropic/claude-sonnet-4-5&service_tier=batch"))
                        .getJsonObject("meta")
                        .getJsonObject("total")
                        .getString("what_if_cost_usd"))
                .isEqualTo("0.029875"); // half of 0.03975, and the search as it is
    }

    @Test
    void moreTokensOfTheOtherModelsTokenizerCostMoreAndSearchesDoNot() throws Exception {
        JsonObject total = json(acme.get(DAY + "&map.openai/gpt-4o=anthropic/claude-sonnet-4-5&token_factor=1.3"
                        + "&filter.provider=openai"))
                .getJsonObject("meta")
                .getJsonObject("total");
        assertThat(total.getString("what_if_cost_usd")).isEqualTo("0.06109"); // 1.3 * (0.0363 + 0.003) + 0.01
    }

    @Test
    void rowsComeAsCsvWithoutFormulas() throws Exception {
        Answer csv = acme.get(DAY + "&factor=2&group_by=tag.feature&format=csv&filter.provider=openai");
        assertThat(csv.headers().get("content-type")).startsWith("text/csv");
        assertThat(csv.body()).isEqualTo("""
                tag.feature,requests,cost_usd,unpriced_requests,what_if_cost_usd,what_if_unpriced_requests,\
                what_if_unpriced_tokens,compared_cost_usd,difference_usd,difference_percent\r
                chatbot,1,0.02625,0,0.0525,0,0,0.02625,0.02625,100.0\r
                '=search,1,0.0125,0,0.025,0,0,0.0125,0.0125,100.0\r
                """);
    }

    @ParameterizedTest
    @CsvSource({
        "model=gpt-4o, model",
        "model=openai/, model",
        "model=anthropic/claude-99, anthropic/claude-99",
        "map.openai/gpt-4o=openai/no-such-model, map.openai/gpt-4o",
        "map.gpt-4o=openai/gpt-4o, map.gpt-4o",
        "factor=0, factor",
        "factor=1e3, factor",
        "format=xml, format",
        "prices_at=yesterday, prices_at",
        "group_by=colour, group_by",
        "modle=openai/gpt-4o, modle",
    })
    void whatIsWrongIsNamed(String query, String named) throws Exception {
        Answer answer = acme.get(DAY + "&" + query);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().getString("detail")).contains(named).contains("allowed:");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"price\": []} | price",
                "{\"prices\": {}} | prices",
                "{\"prices\": [{\"provider\": \"openai\", \"models\": [\"m\"], \"factor\": \"0.5\", \"tenant\": \"other\"}]} | prices[0].tenant",
                "{\"prices\": [{\"provider\": \"openai\", \"models\": [\"m\"], \"factor\": 0.5}]} | prices[0].factor",
            })
    void whatIsWrongInTheBodyIsNamed(String body, String named) throws Exception {
        Answer answer = acme.send("POST", DAY, new JsonObject(body));
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.json().getString("detail")).contains(named);
    }

    @Test
    void aTenantsTokenSeesItsOwnTrafficOnly() throws Exception {
        for (String query :
                List.of("", "&group_by=tenant", "&model=openai/gpt-4o&group_by=model,tenant&granularity=hour")) {
            assertThat(json(acme.get(DAY + query)).encode())
                    .doesNotContain("31337")
                    .doesNotContain("\"other\"");
        }
        assertThat(acme.get(DAY + "&tenant=other").status()).isEqualTo(403);
        assertThat(acme.send("POST", DAY + "&filter.tenant=other", new JsonObject("{\"prices\": []}"))
                        .status())
                .isEqualTo(403);
        assertThat(json(api.get(DAY + "&group_by=tenant")).getJsonArray("data")).hasSize(2);
    }
}
