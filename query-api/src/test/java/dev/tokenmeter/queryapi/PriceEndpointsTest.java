package dev.tokenmeter.queryapi;

import static dev.tokenmeter.storage.sink.TestRecords.event;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.queryapi.ApiForTests.Answer;
import dev.tokenmeter.schemas.UsageEvent;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What operators set as prices, on the real broker. */
class PriceEndpointsTest {
    private static final String PRICES = "/api/v1/prices";
    private static ApiForTests api;

    @BeforeAll
    static void start() throws Exception {
        api = ApiForTests.start(Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
    }

    private static Answer put(String id, String body) throws Exception {
        return api.send("PUT", PRICES + "/" + id, new JsonObject(body));
    }

    private static BigDecimal cost(String tenant, String model) {
        UsageEvent event = event(tenant, ApiForTests.NOW, model, null).build();
        return api.prices.pricer().price(event).getCostUsd();
    }

    @Test
    void aPriceThatIsSetIsUsedAtOnceReadBackAndEndsWhenItIsTakenBack() throws Exception {
        Answer created = put("house", """
                {"provider":"openai","models":["model-h"],"from":"2026-01-01T00:00:00Z","note":"contract",
                 "usd_per_million_tokens":{"uncached_input_tokens":"3","text_output_tokens":"15"}}""");
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        // 100 tokens in, 10 out
        assertThat(cost("any", "model-h")).isEqualByComparingTo("0.00045");

        JsonObject read = api.data(PRICES + "/house");
        assertThat(read.getString("price_id")).isEqualTo("house");
        assertThat(read.getString("source")).isEqualTo("api");
        assertThat(read.getString("from")).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(read.getString("note")).isEqualTo("contract");
        assertThat(read.getString("recorded_at")).isEqualTo(ApiForTests.NOW.toString());
        assertThat(read.getJsonObject("usd_per_million_tokens").getString("text_output_tokens"))
                .isEqualTo("15");

        Answer replaced = put("house", """
                {"provider":"openai","models":["model-h"],
                 "usd_per_million_tokens":{"uncached_input_tokens":"6","text_output_tokens":"30"}}""");
        assertThat(replaced.status()).isEqualTo(200);
        assertThat(cost("any", "model-h")).isEqualByComparingTo("0.0009");

        assertThat(api.send("DELETE", PRICES + "/house", null).status()).isEqualTo(204);
        assertThat(cost("any", "model-h")).isNull();
        assertThat(api.get(PRICES + "/house").status()).isEqualTo(404);
    }

    @Test
    void aTenantsDiscountIsLaidOnWhatAllPayAndSaidSo() throws Exception {
        put("all-pay", """
                {"provider":"openai","models":["model-t"],
                 "usd_per_million_tokens":{"uncached_input_tokens":"3","text_output_tokens":"15"}}""");
        Answer discount = put("acme-discount", """
                {"tenant":"acme","provider":"openai","models":["model-t"],"factor":"0.85"}""");
        assertThat(discount.status()).as(discount.body()).isEqualTo(201);

        assertThat(cost("acme", "model-t")).isEqualByComparingTo("0.0003825");
        assertThat(cost("other", "model-t")).isEqualByComparingTo("0.00045");
        JsonObject effective = api.data(PRICES + "/effective?provider=openai&model=model-t&tenant=acme");
        assertThat(effective.getString("price_id")).isEqualTo("acme-discount on all-pay");
        assertThat(effective.getString("source")).isEqualTo("api");
        assertThat(effective.getJsonObject("usd_per_million_tokens").getString("uncached_input_tokens"))
                .isEqualTo("2.55");
        assertThat(effective.getJsonObject("price").getString("price_id")).isEqualTo("all-pay");
    }

    @Test
    void theShippedPriceOfAModelIsFoundListedAndNotToBeOverwritten() throws Exception {
        JsonObject effective = api.data(PRICES + "/effective?provider=openai&model=gpt-4o");
        assertThat(effective.getString("source")).isEqualTo("shipped");
        assertThat(effective.getJsonObject("usd_per_million_tokens").getString("text_output_tokens"))
                .isEqualTo("10");
        String id = effective.getString("price_id");
        String path = PRICES + "/" + URLEncoder.encode(id, StandardCharsets.UTF_8);
        assertThat(api.data(path).getString("source")).isEqualTo("shipped");
        assertThat(api.send("DELETE", path, null).status()).isEqualTo(400);
        assertThat(api.rows(PRICES + "?provider=openai&model=gpt-4o&source=shipped"))
                .isNotEmpty()
                .allSatisfy(row ->
                        assertThat(((JsonObject) row).getString("provider")).isEqualTo("openai"));
        JsonObject all = api.get(PRICES + "?limit=3").json();
        assertThat(all.getJsonArray("data")).hasSize(3);
        assertThat(all.getJsonObject("meta").getBoolean("truncated")).isTrue();
        assertThat(api.get(PRICES + "/effective?provider=openai&model=no-such-model")
                        .status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|provider",
                "{\"provider\":\"openai\",\"factor\":\"2\"}|models",
                "{\"provider\":\"openai\",\"models\":[\"m\"]}|factor",
                "{\"provider\":\"openai\",\"models\":[\"m\"],\"factor\":0.85}|factor",
                "{\"provider\":\"openai\",\"models\":[\"m\"],\"factr\":\"1\"}|factr",
                "{\"provider\":\"openai\",\"models\":[\"m\"],\"factor\":\"2\",\"from\":\"monday\"}|from",
                "{\"provider\":\"openai\",\"models\":[\"m\"],\"usd_per_million_tokens\":{\"tokens\":\"2\"}}"
                        + "|usd_per_million_tokens.tokens",
                "{\"id\":\"x\",\"provider\":\"openai\",\"models\":[\"m\"],\"factor\":\"2\"}|id"
            })
    void aMistakeIsNamedByItsField(String body, String field) throws Exception {
        Answer answer = put("wrong", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.json().getString("parameter")).isEqualTo(field);
        assertThat(answer.json().getString("detail")).contains("allowed:");
        assertThat(api.get(PRICES + "/wrong").status()).isEqualTo(404);
    }
}
