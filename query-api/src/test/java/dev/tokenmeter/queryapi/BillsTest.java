package dev.tokenmeter.queryapi;

import static dev.tokenmeter.storage.sink.TestRecords.event;
import static dev.tokenmeter.storage.sink.TestRecords.store;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.queryapi.ApiForTests.Answer;
import dev.tokenmeter.schemas.ProviderBill;
import dev.tokenmeter.schemas.Topics;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A bill imported and reconciled, on the real broker and engine; what the sink does is done by the test. */
class BillsTest {
    private static ApiForTests api;

    @BeforeAll
    static void start() throws Exception {
        api = ApiForTests.start(Map.of("query-api.max-import-bytes", "100000", "query-api.use-rollups", "false"));
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
    }

    @Test
    void anExportIsImportedOnceHoweverOftenAndReconciled() throws Exception {
        Instant day = Instant.parse("2025-08-01T00:00:00Z");
        store(
                api.db.clickHouse(),
                event("acme", day, "claude-sonnet-4-20250514", "1")
                        .setProvider("anthropic")
                        .build(),
                event("acme", day, "claude-opus-4-20250514", "2")
                        .setProvider("anthropic")
                        .build());

        Answer answer = api.upload(
                "/api/v1/bills?format=anthropic_cost", fixture("anthropic-cost-report.json"), "application/json");
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        JsonObject imported = answer.json().getJsonObject("data");
        assertThat(imported.getString("provider")).isEqualTo("anthropic");
        assertThat(imported.getJsonObject("amounts").getString("USD")).isEqualTo("1.2378912");
        assertThat(imported.getString("first_day")).isEqualTo("2025-08-01");
        assertThat(imported.getInteger("days")).isEqualTo(1);
        assertThat(imported.getInteger("lines_kept")).isEqualTo(1);
        assertThat(imported.getBoolean("complete")).isFalse();
        api.upload("/api/v1/bills?format=anthropic_cost", fixture("anthropic-cost-report.json"), "application/json");

        Map<String, ProviderBill> log = log();
        assertThat(log).hasSize(1);
        ProviderBill bill = log.values().iterator().next();
        assertThat(bill.getWindowStart()).isEqualTo(day);
        assertThat(bill.getImportedAt()).isEqualTo(ApiForTests.NOW);
        store(api.db.clickHouse(), bill);

        String path = "/api/v1/reconciliation?from=2025-08-01&until=2025-08-02&provider=anthropic";
        Answer report = api.get(path);
        assertThat(report.status()).as(report.body()).isEqualTo(200);
        List<JsonObject> rows = report.json().getJsonArray("data").stream()
                .map(JsonObject.class::cast)
                .toList();
        assertThat(rows)
                .extracting(row -> row.getString("model"), row -> row.getString("cause"))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("claude-opus-4-20250514", "only_ours"),
                        org.assertj.core.groups.Tuple.tuple("claude-sonnet-4-20250514", "unknown"));
        assertThat(rows.get(1).getString("difference_usd")).isEqualTo("0.2378912");
        JsonObject total = report.json().getJsonObject("meta").getJsonObject("total");
        assertThat(total.getString("our_cost_usd")).isEqualTo("3");
        assertThat(total.getString("their_cost_usd")).isEqualTo("1.2378912");
        assertThat(total.getString("difference_usd")).isEqualTo("-1.7621088");

        assertThat(api.rows(path + "&group_by=day")).hasSize(1);
        Answer csv = api.get(path + "&format=csv");
        assertThat(csv.headers().get("content-type")).startsWith("text/csv");
        assertThat(csv.body().lines()).hasSize(3);
    }

    private static Map<String, ProviderBill> log() {
        Map<String, ProviderBill> log = new HashMap<>();
        try (var values = api.kafka.kafka().<ProviderBill>valueDeserializer()) {
            api.kafka
                    .read(Topics.PROVIDER_BILLS)
                    .forEach(record -> log.put(record.key(), values.deserialize(record.topic(), record.value())));
        }
        return log;
    }

    private static byte[] fixture(String name) throws Exception {
        try (InputStream in = BillsTest.class.getResourceAsStream("/bills/" + name)) {
            return in.readAllBytes();
        }
    }

    @Test
    void whatIsWrongIsNamed() throws Exception {
        assertBad("format=excel", "{}", "format");
        assertBad("", "{}", "format");
        assertBad("format=csv&provider=mistral", "a,b", "mapping");
        assertBad("format=csv&mapping=day=a,amount=b", "a,b", "provider");
        assertBad("format=openai_costs&mapping=day=a", "{}", "mapping");
        assertBad("format=openai_costs&provider=Open AI".replace(" ", "%20"), "{}", "provider");
        assertBad("format=openai_costs", "{\"data\":[]}", "no day");
        assertBad("format=openai_costs&colour=red", "{}", "colour");
        assertThat(api.upload("/api/v1/bills?format=openai_costs", new byte[100_001], "application/json")
                        .status())
                .isEqualTo(413);
        assertThat(api.upload("/api/v1/bills?format=openai_costs", "{}".getBytes(StandardCharsets.UTF_8), "text/html")
                        .status())
                .isEqualTo(415);
        assertThat(api.get("/api/v1/reconciliation?from=2026-01-01T01:00:00Z").body())
                .contains("midnight");
        assertThat(api.get("/api/v1/reconciliation?from=2026-01-01&until=2026-11-01")
                        .status())
                .isEqualTo(400);
        assertThat(api.get("/api/v1/reconciliation?group_by=tenant").status()).isEqualTo(400);
        assertThat(api.get("/api/v1/reconciliation?tolerance=-1").status()).isEqualTo(400);
        assertThat(api.get("/api/v1/reconciliation?format=xml").status()).isEqualTo(400);
    }

    private static void assertBad(String query, String body, String named) throws Exception {
        Answer answer = api.upload("/api/v1/bills?" + query, body.getBytes(StandardCharsets.UTF_8), "text/csv");
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains(named);
    }
}
