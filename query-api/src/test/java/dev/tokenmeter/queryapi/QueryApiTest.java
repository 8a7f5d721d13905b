package dev.tokenmeter.queryapi;

import static dev.tokenmeter.queryapi.ApiForTests.NOW;
import static dev.tokenmeter.storage.sink.TestRecords.event;
import static dev.tokenmeter.storage.sink.TestRecords.money;
import static dev.tokenmeter.storage.sink.TestRecords.rollups;
import static dev.tokenmeter.storage.sink.TestRecords.store;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.queryapi.ApiForTests.Answer;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.AnomalyContributor;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The open API on this machine: what each endpoint answers. */
class QueryApiTest {
    private static final Instant HOUR = Instant.parse("2026-11-23T09:00:00Z");
    private static ApiForTests api;

    @BeforeAll
    static void start() throws Exception {
        api = ApiForTests.start(Map.of());
        UsageEvent cheap =
                event("acme", HOUR.plusSeconds(1), "gpt-4o", "0.00045").build();
        UsageEvent dear = event("acme", HOUR.minusSeconds(86_400), "claude", "12.5")
                .setProvider("anthropic")
                .setTags(Map.of("team", "ads"))
                .build();
        UsageEvent unpriced = event("other", HOUR.minusSeconds(3_600), "new", null)
                .setTags(Map.of())
                .build();
        UsageEvent lastMonth = event("acme", Instant.parse("2026-10-05T00:00:00Z"), "gpt-4o", "2")
                .build();
        store(api.db.clickHouse(), cheap, dear, unpriced, lastMonth);
        storeJournal();
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
    }

    private static void storeJournal() throws Exception {
        store(
                api.db.clickHouse(),
                BudgetStatus.newBuilder()
                        .setBudgetId("b1")
                        .setTenant("acme")
                        .setName("All")
                        .setPeriodStart(Instant.parse("2026-11-01T00:00:00Z"))
                        .setPeriodEnd(Instant.parse("2026-12-01T00:00:00Z"))
                        .setSpentUsd(money("81.25"))
                        .setLimitUsd(money("100"))
                        .setThresholdsPercent(List.of(80))
                        .setCarriedOverUsd(money("20"))
                        .setForecastUsd(money("120"))
                        .setForecastLowUsd(money("110"))
                        .setForecastHighUsd(money("131"))
                        .setExhaustedAt(HOUR.plusSeconds(3600))
                        .setTopContributors(Map.of("model=gpt-5", money("60"), "tag.team=growth", money("70.5")))
                        .setRevision(3)
                        .setUpdatedAt(HOUR)
                        .build());
        for (AlertState state : List.of(AlertState.firing, AlertState.resolved)) {
            store(
                    api.db.clickHouse(),
                    Alert.newBuilder()
                            .setAlertId("a1")
                            .setKind("budget_threshold")
                            .setState(state)
                            .setTenant("acme")
                            .setSummary("acme has spent 81 %")
                            .setLabels(Map.of("budget_id", "b1"))
                            .setObservedUsd(money("81.25"))
                            .setWindowStart(HOUR)
                            .setWindowEnd(NOW)
                            .setStartsAt(HOUR)
                            .setUpdatedAt(HOUR.plusSeconds(state.ordinal()))
                            .build());
        }
        store(
                api.db.clickHouse(),
                Anomaly.newBuilder()
                        .setAnomalyId("n1")
                        .setTenant("acme")
                        .setRule("day_over_average")
                        .setWindowStart(HOUR)
                        .setWindowEnd(NOW)
                        .setObservedUsd(money("20"))
                        .setExpectedUsd(money("10"))
                        .setFactor(money("2"))
                        .setDetectedAt(NOW)
                        .setDimensions(Map.of("tenant", "acme", "tag.team", "growth"))
                        .setPartOf("n0")
                        .setContributors(List.of(new AnomalyContributor(
                                Map.of("model", "gpt-4o", "api_key_id", "batch-7"), money("3.5"), money("12"))))
                        .build());
    }

    @Test
    void usageAnswersAmountsAsPlainDecimalStringsAndCountsAsNumbers() throws Exception {
        JsonObject answer = api.get("/api/v1/usage?from=2026-11-23&to=2026-11-24&tenant=acme&group_by=model,tag.team"
                        + "&metrics=cost_usd,requests,input_tokens,latency_ms_avg&filter.outcome=completed")
                .json();
        assertThat(answer.getJsonArray("data")).isEqualTo(new JsonArray("""
                        [{"model":"gpt-4o","tag.team":"search","cost_usd":"0.00045","requests":1,"input_tokens":100,
                          "latency_ms_avg":250.0}]"""));
        assertThat(answer.getJsonObject("meta")).isEqualTo(new JsonObject("""
                        {"from":"2026-11-23T00:00:00Z","to":"2026-11-24T00:00:00Z","source":"events",
                         "as_of":"2026-11-23T09:00:01Z","truncated":false}"""));
    }

    @Test
    void usageByWindowIsInOrderAndTheLimitIsSaidToCut() throws Exception {
        String path = "/api/v1/usage?from=2026-11-01T00:00:01Z&granularity=day&metrics=cost_usd";
        assertThat(api.rows(path).stream().map(row -> ((JsonObject) row).getString("window_start")))
                .containsExactly("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z");
        JsonObject cut = api.get(path + "&limit=1&order=-cost_usd").json();
        assertThat(cut.getJsonArray("data").getJsonObject(0).getString("cost_usd"))
                .isEqualTo("12.5");
        assertThat(cut.getJsonObject("meta").getBoolean("truncated")).isTrue();
    }

    @Test
    void noSpendIsZeroAndNothingToDivideByIsNull() throws Exception {
        assertThat(api.rows("/api/v1/usage?from=2025-01-01&to=2025-01-01T00:30:00Z"
                        + "&metrics=cost_usd,requests,cost_per_request_usd"))
                .isEqualTo(new JsonArray("[{\"cost_usd\":\"0\",\"requests\":0,\"cost_per_request_usd\":null}]"));
    }

    @Test
    void whatNobodyHasAPriceForCostsNullAndNeverNothing() throws Exception {
        String other = "from=2026-11-01T00:00:01Z&tenant=other";
        assertThat(api.rows("/api/v1/usage?" + other
                        + "&metrics=cost_usd,cost_per_request_usd,requests,unpriced_requests,unpriced_tokens"))
                .isEqualTo(new JsonArray("""
                        [{"cost_usd":null,"cost_per_request_usd":null,"requests":1,"unpriced_requests":1,
                          "unpriced_tokens":110}]"""));
        for (String view : List.of("by-model?", "by-tag?tag=team&", "cost-per-request?")) {
            JsonObject row = api.rows("/api/v1/views/" + view + other).getJsonObject(0);
            assertThat(row.containsKey("cost_usd")).as(view).isTrue();
            assertThat(row.getValue("cost_usd")).as(view).isNull();
            assertThat(row.getInteger("unpriced_requests")).as(view).isEqualTo(1);
            assertThat(row.getValue("share_percent")).as(view).isNull();
        }
        JsonObject month = api.data("/api/v1/views/month-spend?tenant=other&filter.operation=chat");
        assertThat(month.getValue("cost_usd")).isNull();
        assertThat(month.getInteger("unpriced_tokens")).isEqualTo(110);
        JsonObject day = api.rows("/api/v1/views/daily-trend?days=1&tenant=other&filter.operation=chat")
                .getJsonObject(0);
        assertThat(day.getValue("cost_usd")).isNull();
        assertThat(day.getValue("average_cost_usd")).isNull();
        JsonObject kind = api.data("/api/v1/views/token-breakdown?" + other)
                .getJsonArray("totals")
                .getJsonObject(0);
        assertThat(kind)
                .isEqualTo(new JsonObject("{\"kind\":\"uncached_input_tokens\",\"tokens\":100,\"cost_usd\":null}"));
        JsonArray sorted = api.rows("/api/v1/usage?from=2026-11-01T00:00:01Z&group_by=tenant&order=cost_usd");
        assertThat(sorted.getJsonObject(sorted.size() - 1).getString("tenant")).isEqualTo("other");
    }

    @Test
    void wholeHoursAreAnsweredFromRollupsOfTheSameFigures() throws Exception {
        Instant hour = Instant.parse("2026-09-01T05:00:00Z");
        UsageEvent event = event("rolled", hour, "m", "0.25").build();
        store(api.db.clickHouse(), event);
        store(api.db.clickHouse(), rollups(List.of(event), Granularity.hour).toArray(UsageRollup[]::new));
        String range = "from=2026-09-01T05:00:00Z&to=2026-09-01T06:00:00Z&tenant=rolled";
        JsonObject answer = api.get("/api/v1/usage?" + range).json();
        assertThat(answer.getJsonObject("meta").getString("source")).isEqualTo("rollups");
        assertThat(answer.getJsonArray("data")).isEqualTo(new JsonArray("[{\"cost_usd\":\"0.25\",\"requests\":1}]"));
        JsonObject ledger = api.data("/api/v1/ledger-check?" + range);
        assertThat(ledger.getBoolean("exact")).isTrue();
        assertThat(ledger.getJsonObject("events").getString("cost_usd")).isEqualTo("0.25");
        assertThat(ledger.getJsonArray("rollups")
                        .getJsonObject(0)
                        .getJsonObject("sums")
                        .getLong("requests"))
                .isEqualTo(1);
    }

    @Test
    void theLedgerCheckSaysWhenRollupsAreMissing() throws Exception {
        assertThat(api.data("/api/v1/ledger-check?from=2026-11-23&to=2026-11-24&tenant=acme")
                        .getBoolean("exact"))
                .isFalse();
    }

    @Test
    void monthSpend() throws Exception {
        // From events: the filter is on no rollup's dimension.
        assertThat(api.data("/api/v1/views/month-spend?filter.operation=chat")).isEqualTo(new JsonObject("""
                        {"month":"2026-11","cost_usd":"12.50045","requests":3,"unpriced_requests":1,
                         "unpriced_tokens":110,"previous_month_cost_usd":"2","previous_month_same_time_cost_usd":"2",
                         "as_of":"2026-11-23T09:00:01Z"}"""));
    }

    @Test
    void dailyTrend() throws Exception {
        JsonArray days = api.rows("/api/v1/views/daily-trend?days=3&tenant=acme&filter.operation=chat");
        assertThat(days).isEqualTo(new JsonArray("""
                        [{"day":"2026-11-21","cost_usd":"0","requests":0,"input_tokens":0,"output_tokens":0,"unpriced_requests":0,
                          "average_cost_usd":"0"},
                         {"day":"2026-11-22","cost_usd":"12.5","requests":1,"input_tokens":100,"output_tokens":10,"unpriced_requests":0,
                          "average_cost_usd":"1.785714285714"},
                         {"day":"2026-11-23","cost_usd":"0.00045","requests":1,"input_tokens":100,"output_tokens":10,"unpriced_requests":0,
                          "average_cost_usd":"1.785778571429"}]"""));
    }

    @Test
    void byModelAndByTag() throws Exception {
        assertThat(api.rows("/api/v1/views/by-model?from=2026-11-01&to=2026-11-23T10:00:01Z&tenant=acme"))
                .isEqualTo(new JsonArray("""
                        [{"provider":"anthropic","model":"claude","cost_usd":"12.5","requests":1,"input_tokens":100,
                          "output_tokens":10,"unpriced_requests":0,"share_percent":100.0},
                         {"provider":"openai","model":"gpt-4o","cost_usd":"0.00045","requests":1,"input_tokens":100,
                          "output_tokens":10,"unpriced_requests":0,"share_percent":0.0}]"""));
        assertThat(api.rows("/api/v1/views/by-tag?tag=team&filter.operation=chat").stream()
                        .map(row -> ((JsonObject) row).getString("value")))
                .containsExactly("ads", "search", "");
    }

    @Test
    void costPerRequest() throws Exception {
        assertThat(api.rows("/api/v1/views/cost-per-request?granularity=hour&tenant=acme&filter.operation=chat"))
                .isEqualTo(new JsonArray("""
                        [{"window_start":"2026-11-22T09:00:00Z","cost_usd":"12.5","requests":1,
                          "cost_per_request_usd":"12.5","unpriced_requests":0},
                         {"window_start":"2026-11-23T09:00:00Z","cost_usd":"0.00045","requests":1,
                          "cost_per_request_usd":"0.00045","unpriced_requests":0}]"""));
    }

    @Test
    void tokenBreakdown() throws Exception {
        JsonObject tokens = api.data("/api/v1/views/token-breakdown?tenant=acme&filter.operation=chat");
        assertThat(tokens.getJsonArray("totals").getJsonObject(0))
                .isEqualTo(new JsonObject(
                        "{\"kind\":\"uncached_input_tokens\",\"tokens\":200,\"cost_usd\":\"12.50045\"}"));
        assertThat(tokens.getJsonArray("series").getJsonObject(1)).isEqualTo(new JsonObject("""
                        {"window_start":"2026-11-23T00:00:00Z","input_tokens":100,"output_tokens":10}"""));
    }

    @Test
    void budgetsAlertsAnomaliesAndTenants() throws Exception {
        JsonObject budget =
                api.rows("/api/v1/views/budget-utilization?tenant=acme").getJsonObject(0);
        assertThat(budget.getString("spent_usd")).isEqualTo("81.25");
        assertThat(budget.getDouble("utilization_percent")).isEqualTo(81.25);
        assertThat(budget.getJsonArray("thresholds_percent")).isEqualTo(JsonArray.of(80));
        assertThat(budget.getString("carried_over_usd")).isEqualTo("20");
        assertThat(budget.getString("forecast_usd")).isEqualTo("120");
        assertThat(budget.getString("forecast_low_usd")).isEqualTo("110");
        assertThat(budget.getString("forecast_high_usd")).isEqualTo("131");
        assertThat(budget.getValue("forecast_tokens")).isNull();
        assertThat(Instant.parse(budget.getString("exhausted_at"))).isEqualTo(HOUR.plusSeconds(3600));
        assertThat(budget.getJsonArray("top_contributors").getJsonObject(0))
                .isEqualTo(new JsonObject()
                        .put("dimension", "tag.team")
                        .put("value", "growth")
                        .put("spent_usd", "70.5")
                        .put("spent_tokens", null));
        JsonArray alerts = api.rows("/api/v1/alerts?tenant=acme");
        assertThat(alerts).hasSize(1);
        assertThat(alerts.getJsonObject(0).getString("state")).isEqualTo("resolved");
        assertThat(alerts.getJsonObject(0).getJsonObject("labels")).isEqualTo(JsonObject.of("budget_id", "b1"));
        JsonObject anomaly = api.rows("/api/v1/anomalies?tenant=acme").getJsonObject(0);
        assertThat(anomaly.getString("part_of")).isEqualTo("n0");
        assertThat(anomaly.getJsonObject("dimensions").getString("tag.team")).isEqualTo("growth");
        assertThat(anomaly.getJsonArray("contributors"))
                .isEqualTo(JsonArray.of(new JsonObject()
                        .put(
                                "dimensions",
                                new JsonObject().put("api_key_id", "batch-7").put("model", "gpt-4o"))
                        .put("expected_usd", "3.5")
                        .put("observed_usd", "12")
                        .put("difference_usd", "8.5")));
        assertThat(api.rows("/api/v1/anomalies?tenant=acme").getJsonObject(0).getString("observed_usd"))
                .isEqualTo("20");
        assertThat(api.get("/api/v1/tenants").status()).isEqualTo(200);
    }

    @Test
    void aTeamsBudgetInTokensIsKeptAndShownWithItsScope() throws Exception {
        JsonObject body = new JsonObject()
                .put("tenant", "scoped")
                .put("name", "Growth's week")
                .put("dimensions", JsonObject.of("tag.team", "growth", "model", "gpt-4o"))
                .put("amount_tokens", 5_000_000_000L)
                .put("period", "week")
                .put("time_zone", "Asia/Kathmandu")
                .put("fallback_model", "gpt-4o-mini");
        assertThat(api.send("PUT", "/api/v1/budgets/growth", body).status()).isEqualTo(201);
        JsonObject budget = api.data("/api/v1/budgets/growth");
        body.fieldNames()
                .forEach(name -> assertThat(budget.getValue(name)).as(name).isEqualTo(body.getValue(name)));
        assertThat(budget.getValue("amount_usd")).isNull();
        api.send("DELETE", "/api/v1/budgets/growth", null);
    }

    @Test
    void budgetsInTokensAreMeasuredInTokensAndRemovedOnesAreNotShown() throws Exception {
        BudgetStatus.Builder status = BudgetStatus.newBuilder()
                .setBudgetId("t1")
                .setTenant("scoped")
                .setName("Growth")
                .setDimensions(Map.of("tag.team", "growth"))
                .setPeriod("total")
                .setPeriodStart(Instant.EPOCH)
                .setPeriodEnd(Instant.parse("2200-01-01T00:00:00Z"))
                .setSpentUsd(money("3"))
                .setLimitUsd(money("0"))
                .setSpentTokens(250)
                .setLimitTokens(1000L)
                .setRevision(1)
                .setUpdatedAt(HOUR);
        store(api.db.clickHouse(), status.build());
        JsonObject standing =
                api.rows("/api/v1/views/budget-utilization?tenant=scoped").getJsonObject(0);
        assertThat(standing.getDouble("utilization_percent")).isEqualTo(25);
        assertThat(standing.getLong("limit_tokens")).isEqualTo(1000);
        assertThat(standing.getValue("limit_usd")).isNull();
        assertThat(standing.getJsonObject("dimensions")).isEqualTo(JsonObject.of("tag.team", "growth"));

        store(api.db.clickHouse(), status.setClosed(true).setRevision(2).build());
        assertThat(api.rows("/api/v1/views/budget-utilization?tenant=scoped")).isEmpty();
    }

    @Test
    void aBudgetThatRollsOverDoesSoFromWhenItWasFirstToldTo() throws Exception {
        JsonObject body = new JsonObject()
                .put("tenant", "acme")
                .put("name", "Rolling")
                .put("amount_usd", "100")
                .put("roll_over_percent", 50);
        assertThat(api.send("PUT", "/api/v1/budgets/rolling", body).status()).isEqualTo(201);
        assertThat(api.data("/api/v1/budgets/rolling").getInteger("roll_over_percent"))
                .isEqualTo(50);
        assertThat(api.send("PUT", "/api/v1/budgets/rolling", body.put("roll_over_percent", 101))
                        .status())
                .isEqualTo(400);
        assertThat(api.send(
                                "PUT",
                                "/api/v1/budgets/rolling",
                                body.put("roll_over_percent", 10).put("period", "total"))
                        .status())
                .isEqualTo(400);
        assertThat(api.send("DELETE", "/api/v1/budgets/rolling", null).status()).isEqualTo(204);
    }

    @Test
    void budgetsAreKeptInTheirTopic() throws Exception {
        JsonObject body = new JsonObject()
                .put("tenant", "acme")
                .put("name", "Small")
                .put("amount_usd", "0.0015")
                .put("hard", true);
        assertThat(api.send("PUT", "/api/v1/budgets/small", body).status()).isEqualTo(201);
        assertThat(api.send("PUT", "/api/v1/budgets/small", body.put("amount_usd", "100.50"))
                        .status())
                .isEqualTo(200);
        JsonObject budget = api.data("/api/v1/budgets/small");
        assertThat(budget.getString("amount_usd")).isEqualTo("100.5");
        assertThat(budget.getJsonArray("thresholds_percent")).isEqualTo(JsonArray.of(80));
        JsonObject made = api.send("POST", "/api/v1/budgets", body).json().getJsonObject("data");
        assertThat(api.rows("/api/v1/budgets")).hasSize(2);
        assertThat(api.send("DELETE", "/api/v1/budgets/" + made.getString("budget_id"), null)
                        .status())
                .isEqualTo(204);
        assertThat(api.get("/api/v1/budgets/" + made.getString("budget_id")).status())
                .isEqualTo(404);
    }

    @Test
    void aKeysSecretIsShownOnceAndOnlyItsHashIsKept() throws Exception {
        JsonObject made = api.send(
                        "POST",
                        "/api/v1/keys",
                        new JsonObject()
                                .put("tenant", "acme")
                                .put("name", "ci")
                                .put("tags", JsonObject.of("team", "search"))
                                .put("expires_at", "2027-01-01T00:00:00Z"))
                .json()
                .getJsonObject("data");
        String secret = made.getString("secret");
        assertThat(secret).matches("tm-[A-Za-z0-9_-]{43}");
        String id = made.getString("api_key_id");
        assertThat(api.get("/api/v1/keys").body()).contains(id).doesNotContain(secret);
        var records = api.kafka.read(Topics.KEYS);
        String hash = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
        assertThat(new String(records.get(0).value(), StandardCharsets.ISO_8859_1))
                .contains(hash)
                .doesNotContain(secret);
        Answer disabled = api.send("DELETE", "/api/v1/keys/" + id, null);
        assertThat(disabled.json().getJsonObject("data").getBoolean("enabled")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    /api/v1/usage?from=yesterday                      | from
                    /api/v1/usage?from=2026-11-02&to=2026-11-01       | to
                    /api/v1/usage?metrics=cost                        | metrics
                    /api/v1/usage?group_by=colour                     | group_by
                    /api/v1/usage?group_by=tag.                       | group_by
                    /api/v1/usage?granularity=week                    | granularity
                    /api/v1/usage?order=model                         | order
                    /api/v1/usage?limit=0                             | limit
                    /api/v1/usage?filter.colour=red                   | filter.colour
                    /api/v1/usage?group-by=model                      | group-by
                    /api/v1/usage?limit=1&limit=2                     | limit
                    /api/v1/views/by-tag                              | tag
                    /api/v1/views/daily-trend?days=1000               | days
                    /api/v1/ledger-check?from=2026-11-01T00:00:01Z    | from
                    """)
    void aWrongParameterIsNamedInAProblem(String path, String parameter) throws Exception {
        Answer answer = api.get(path);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.headers().get("content-type")).isEqualTo("application/problem+json");
        assertThat(answer.json().getString("parameter")).isEqualTo(parameter);
        assertThat(answer.json().getString("detail")).contains("allowed");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"tenant":"a","name":"n"}                                               | amount_usd
                    {"tenant":"a","name":"n","amount_usd":100}                              | amount_usd
                    {"tenant":"a","name":"n","amount_usd":"-1"}                             | amount_usd
                    {"tenant":"a","name":"n","amount_usd":"0.0000000000001"}                | amount_usd
                    {"tenant":"a","name":"n","amount_usd":"0"}                              | amount_usd
                    {"name":"n","amount_usd":"1"}                                           | tenant
                    {"tenant":"a","amount_usd":"1"}                                         | name
                    {"tenant":"a","name":"n","amount_usd":"1","period":"year"}              | period
                    {"tenant":"a","name":"n","amount_usd":"1","time_zone":"Mars"}           | time_zone
                    {"tenant":"a","name":"n","amount_usd":"1","thresholds_percent":[0]}     | thresholds_percent
                    {"tenant":"a","name":"n","amount_usd":"1","thresholds_percent":[0.5]}   | thresholds_percent
                    {"tenant":"a","name":"n","amount_usd":"1","amount_tokens":5}            | amount_tokens
                    {"tenant":"a","name":"n","amount_tokens":"5"}                           | amount_tokens
                    {"tenant":"a","name":"n","amount_tokens":0}                             | amount_tokens
                    {"tenant":"a","name":"n","amount_usd":"1","time_zone":"+01:00"}         | time_zone
                    {"tenant":"a","name":"n","amount_usd":"1","dimensions":{"color":"r"}}   | dimensions
                    {"tenant":"a","name":"n","amount_usd":"1","dimensions":{"model":7}}     | dimensions.model
                    {"tenant":"a","name":"n","amount_usd":"1","fallback_model":"small"}     | fallback_model
                    {"tenant":"a","name":"n","amount_usd":"1","hard":"yes"}                 | hard
                    {"tenant":"a","name":"n","amount_usd":"1","treshold":5}                 | treshold
                    """)
    void aWrongFieldIsNamedInAProblem(String body, String field) throws Exception {
        Answer answer = api.send("POST", "/api/v1/budgets", new JsonObject(body));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().getString("parameter")).isEqualTo(field);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"' OR '1'='1", "\\", "\\' OR 1=1 --", "'; DROP TABLE usage_events; --", "?", "{a:String}", "%00"
            })
    void sqlInAnyParameterIsOnlyText(String hostile) throws Exception {
        String value = hostile.equals("%00") ? hostile : URLEncoder.encode(hostile, StandardCharsets.UTF_8);
        String range = "from=2026-11-01&to=2026-11-23T10:00:01Z";
        for (String path : List.of(
                "/api/v1/usage?" + range + "&tenant=" + value,
                "/api/v1/usage?" + range + "&filter.model=" + value,
                "/api/v1/usage?" + range + "&filter.tag." + value + "=" + value)) {
            JsonArray rows = api.rows(path);
            assertThat(rows).as(path).hasSize(1);
            assertThat(rows.getJsonObject(0).getLong("requests")).as(path).isZero();
        }
        JsonArray grouped = api.rows("/api/v1/usage?" + range + "&group_by=tag." + value);
        assertThat(grouped.getJsonObject(0).getLong("requests")).isEqualTo(3);
        for (String parameter : List.of("from", "metrics", "granularity", "order", "limit")) {
            assertThat(api.get("/api/v1/usage?" + parameter + "=" + value).status())
                    .as(parameter)
                    .isEqualTo(400);
        }
    }

    @Test
    void pagesFromElsewhereAreKeptOut() throws Exception {
        String path = "/api/v1/tenants";
        String host = "127.0.0.1:" + api.port();
        assertThat(api.rawStatus(path, "Host: " + host)).isEqualTo(200);
        assertThat(api.rawStatus(path, "Host: localhost:" + api.port())).isEqualTo(200);
        assertThat(api.rawStatus(path, "Host: evil.example:" + api.port())).isEqualTo(403);
        assertThat(api.rawStatus(path, "Host: 127.0.0.1.evil.example")).isEqualTo(403);
        assertThat(api.rawStatus(path, "Host: " + host, "Origin: http://" + host))
                .isEqualTo(200);
        assertThat(api.rawStatus(path, "Host: " + host, "Origin: http://evil.example"))
                .isEqualTo(403);
        assertThat(api.rawStatus(path, "Host: " + host, "Origin: null")).isEqualTo(403);
    }

    @Test
    void theDescriptionNamesEveryPathAndHeadersKeepThePageToItself() throws Exception {
        Answer description = api.get("/openapi.yaml");
        assertThat(description.body()).startsWith("openapi: 3.1");
        assertThat(description.headers().get("content-security-policy")).contains("default-src 'self'");
        assertThat(api.get("/health/live").status()).isEqualTo(200);
        assertThat(api.get("/health/ready").status()).isEqualTo(200);
        Answer missing = api.get("/api/v1/nothing");
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.json().getInteger("status")).isEqualTo(404);
    }
}
