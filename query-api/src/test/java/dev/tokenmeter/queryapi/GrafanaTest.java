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
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Requests as Grafana's JSON data sources send them, from the
 * <a href="https://github.com/simPod/GrafanaJsonDatasource/blob/0.7.x/README.md">documentation of simpod-json-datasource</a> and of
 * <a href="https://github.com/grafana/simple-json-datasource/blob/master/README.md">grafana-simple-json-datasource</a>.
 */
class GrafanaTest {
    private static final String BASE = "/api/v1/grafana";
    private static final Instant HOUR = Instant.parse("2026-11-23T09:00:00Z");
    private static ApiForTests api;

    @BeforeAll
    static void start() throws Exception {
        Map<String, String> settings = new HashMap<>(ApiForTests.token("operator", "*", "admin"));
        settings.putAll(ApiForTests.token("other", "other-co", "viewer"));
        api = ApiForTests.start(settings).as("operator-token");
        List<UsageEvent> events = List.of(
                event("acme", HOUR.plusSeconds(1), "gpt-4o", "0.00045").build(),
                event("acme", HOUR.plusSeconds(3_601), "gpt-4o", "1000000000000.000000000001")
                        .build(),
                event("acme", HOUR.plusSeconds(2), "new", null)
                        .setTags(Map.of("team", "ads"))
                        .build());
        store(api.db.clickHouse(), events.toArray(UsageEvent[]::new));
        for (Granularity granularity : List.of(Granularity.hour, Granularity.day)) {
            store(api.db.clickHouse(), rollups(events, granularity).toArray(UsageRollup[]::new));
        }
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
                        .setUpdatedAt(HOUR)
                        .build());
        for (String kind : List.of("budget_threshold", "unpriced_model")) {
            store(
                    api.db.clickHouse(),
                    Alert.newBuilder()
                            .setAlertId(kind)
                            .setKind(kind)
                            .setState(AlertState.firing)
                            .setTenant("acme")
                            .setSummary("acme: " + kind)
                            .setWindowStart(HOUR)
                            .setWindowEnd(NOW)
                            .setStartsAt(HOUR)
                            .setUpdatedAt(HOUR.plusSeconds(5))
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
                        .build());
    }

    private static JsonObject body(String... targets) {
        JsonObject range = new JsonObject("""
                {"from": "2026-11-23T00:12:44.866Z", "to": "2026-11-23T10:33:44.866Z",
                 "raw": {"from": "now-6h", "to": "now"}}""");
        JsonArray all = new JsonArray();
        List.of(targets).forEach(target -> all.add(new JsonObject(target)));
        return new JsonObject("""
                {"panelId": 1, "rangeRaw": {"from": "now-6h", "to": "now"}, "interval": "30s", "intervalMs": 30000,
                 "maxDataPoints": 550, "scopedVars": {"__interval": {"text": "1s", "value": "1s"}}}""").put("range", range).put("targets", all);
    }

    private static JsonArray post(String path, JsonObject body) throws Exception {
        Answer answer = api.send("POST", BASE + path, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return new JsonArray(answer.body());
    }

    private static long millis(String time) {
        return Instant.parse(time).toEpochMilli();
    }

    @Test
    void theConnectionIsTriedWithAndWithoutASlashAndNeedsAToken() throws Exception {
        assertThat(api.get(BASE).status()).isEqualTo(200);
        assertThat(api.get(BASE + "/").status()).isEqualTo(200);
        assertThat(api.as("wrong").get(BASE + "/").status()).isEqualTo(401);
        assertThat(api.as("wrong").send("POST", BASE + "/query", body()).status())
                .isEqualTo(401);
    }

    @Test
    void aSeriesHasAPointForEachHourAndAGapWhereNoPriceIsKnown() throws Exception {
        JsonArray series = post(
                "/query",
                body(
                        "{\"target\":\"cost_usd\",\"refId\":\"A\",\"payload\":{\"group_by\":\"model\",\"tenant\":\"acme\"}}"));
        assertThat(series).hasSize(2);
        assertThat(series.getJsonObject(0).getString("target")).isEqualTo("gpt-4o");
        assertThat(series.getJsonObject(0).getJsonArray("datapoints").getJsonArray(0))
                .isEqualTo(JsonArray.of(0.00045, millis("2026-11-23T09:00:00Z")));
        JsonObject unpriced = series.getJsonObject(1);
        assertThat(unpriced.getString("target")).isEqualTo("new");
        JsonArray gap = unpriced.getJsonArray("datapoints").getJsonArray(0);
        assertThat(gap.getValue(0)).isNull();
        assertThat(gap.getLong(1)).isEqualTo(millis("2026-11-23T09:00:00Z"));
        assertThat(api.send("POST", BASE + "/query", body("{\"target\":\"cost_usd\"}"))
                        .body())
                .as("all digits, as a number")
                .contains("[1000000000000.000000000001,");
    }

    @Test
    void aTableHasTypedColumnsAndSeveralFiguresAndVariablesThatStandForAllDoNotFilter() throws Exception {
        JsonObject table = post("/query", body("""
                        {"target": "requests,cost_usd", "refId": "A", "payload": {"format": "table", "group_by": ["tag.team"],
                         "tenant": "$__all", "filter": {"model": "$__all", "operation": ""}, "limit": 1}}""")).getJsonObject(0);
        assertThat(table.getString("type")).isEqualTo("table");
        assertThat(table.getJsonArray("columns")).isEqualTo(new JsonArray("""
                        [{"text":"tag.team","type":"string"},{"text":"requests","type":"number"},
                         {"text":"cost_usd","type":"number"}]"""));
        assertThat(table.getJsonArray("rows")).hasSize(1);
        assertThat(table.getJsonArray("rows").getJsonArray(0).getString(0)).isEqualTo("search");
        assertThat(table.getJsonArray("rows").getJsonArray(0).getInteger(1)).isEqualTo(2);
        JsonObject older = post("/query", body("{\"target\":\"requests\",\"refId\":\"A\",\"type\":\"table\"}"))
                .getJsonObject(0);
        assertThat(older.getJsonArray("rows")).isEqualTo(new JsonArray("[[3]]"));
    }

    @Test
    void adHocFiltersNarrowEveryTarget() throws Exception {
        JsonObject body = body("{\"target\":\"requests\",\"payload\":{\"format\":\"table\"}}")
                .put("adhocFilters", new JsonArray("[{\"key\":\"tag.team\",\"operator\":\"=\",\"value\":\"ads\"}]"));
        assertThat(post("/query", body).getJsonObject(0).getJsonArray("rows")).isEqualTo(new JsonArray("[[1]]"));
    }

    @Test
    void budgetsAnomaliesAndAlertsAreTablesThatAnnotateToo() throws Exception {
        JsonArray tables = post(
                "/query",
                body(
                        "{\"target\":\"budgets\"}",
                        "{\"target\":\"anomalies\",\"payload\":{\"tenant\":\"acme\"}}",
                        "{\"target\":\"alerts\"}",
                        "{\"target\":\"budget_alerts\"}",
                        "{\"target\":\"anomalies\",\"payload\":{\"tenant\":\"nobody\"}}"));
        assertThat(tables.getJsonObject(0).getJsonArray("rows"))
                .isEqualTo(new JsonArray("[[\"All\",\"acme\",\"month\",81.25,100,\"USD\",81.25,false]]"));
        JsonArray anomaly = tables.getJsonObject(1).getJsonArray("rows").getJsonArray(0);
        assertThat(anomaly.getLong(0)).isEqualTo(HOUR.toEpochMilli());
        assertThat(anomaly.getLong(1)).isEqualTo(NOW.toEpochMilli());
        assertThat(anomaly.getString(3)).contains("$20.00, expected $10.00").contains("acme");
        assertThat(tables.getJsonObject(2).getJsonArray("rows")).hasSize(2);
        assertThat(tables.getJsonObject(3).getJsonArray("rows")).hasSize(1);
        assertThat(tables.getJsonObject(4).getJsonArray("rows")).isEmpty();
        assertThat(tables.getJsonObject(1).getJsonArray("columns").stream()
                        .map(column -> ((JsonObject) column).getString("text")))
                .containsExactly("time", "timeEnd", "title", "text", "tags");
    }

    @Test
    void olderDataSourcesAskForAnnotationsByThemselves() throws Exception {
        JsonObject annotation = new JsonObject("""
                {"name": "deploy", "datasource": "Tokenmeter", "iconColor": "rgba(255, 96, 96, 1)", "enable": true}""");
        JsonArray marks = post("/annotations", body().put("annotation", annotation));
        assertThat(marks).as("anomalies and budgets' alerts").hasSize(2);
        assertThat(marks.getJsonObject(0).getJsonObject("annotation")).isEqualTo(annotation);
        assertThat(marks.getJsonObject(0).getLong("time")).isEqualTo(HOUR.toEpochMilli());
        assertThat(marks.getJsonObject(1).getString("text")).isEqualTo("acme: budget_threshold");
        assertThat(post("/annotations", body().put("annotation", annotation.put("query", "alerts"))))
                .hasSize(2);
        JsonObject later = body().put("annotation", annotation);
        later.getJsonObject("range").put("from", "2026-11-24T00:00:00Z").put("to", "2026-11-25T00:00:00Z");
        assertThat(post("/annotations", later)).as("outside the range").isEmpty();
    }

    @Test
    void editorsAndVariablesAreOfferedWhatThereIs() throws Exception {
        assertThat(post("/search", new JsonObject("{\"target\":\"\"}")))
                .contains("cost_usd", "requests", "latency_ms_p99", "budgets");
        assertThat(post("/search", new JsonObject("{\"target\":\"model\"}"))).containsExactly("gpt-4o", "new");
        JsonArray metrics = post("/metrics", new JsonObject());
        assertThat(metrics.getJsonObject(0).getString("value")).isEqualTo("cost_usd");
        assertThat(metrics.getJsonObject(0).getJsonArray("payloads").toString())
                .contains("tag.team")
                .doesNotContain("pricing_class");
        assertThat(post("/metric-payload-options", new JsonObject("""
                        {"metric": "cost_usd", "payload": {}, "name": "tenant"}"""))).isEqualTo(new JsonArray("""
                        [{"label": "acme", "value": "acme"}]"""));
        JsonArray variable = post("/variable", new JsonObject("""
                {"payload": {"target": "tag.team", "tenant": "acme"},
                 "range": {"from": "2026-11-22T08:09:32.164Z", "to": "2026-11-23T11:09:32.164Z",
                           "raw": {"from": "now-7d", "to": "now"}}}"""));
        assertThat(variable).isEqualTo(new JsonArray("""
                [{"__text": "search", "__value": "search"}, {"__text": "ads", "__value": "ads"}]"""));
        assertThat(post("/tag-keys", new JsonObject()))
                .contains(new JsonObject("{\"type\":\"string\",\"text\":\"model\"}"));
        assertThat(post("/tag-values", new JsonObject("{\"key\":\"tenant\"}")))
                .isEqualTo(new JsonArray("[{\"text\":\"acme\"}]"));
    }

    @Test
    void anotherTenantsTokenIsToldNothing() throws Exception {
        ApiForTests other = api.as("other-token");
        List<Answer> answers = new ArrayList<>();
        for (String path : List.of("/search", "/variable", "/tag-values", "/annotations", "/query")) {
            JsonObject body = body(
                            "{\"target\":\"cost_usd\",\"payload\":{\"group_by\":\"tenant,model\"}}",
                            "{\"target\":\"budgets\"}",
                            "{\"target\":\"alerts\"}",
                            "{\"target\":\"anomalies\"}")
                    .put("target", "model")
                    .put("key", "tenant")
                    .put("payload", new JsonObject("{\"target\":\"tenant\"}"));
            answers.add(other.send("POST", BASE + path, body));
        }
        answers.add(other.send("POST", BASE + "/metric-payload-options", new JsonObject("{\"name\":\"tenant\"}")));
        for (Answer answer : answers) {
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body())
                    .doesNotContain("acme")
                    .doesNotContain("gpt-4o")
                    .doesNotContain("81.25");
        }
        JsonObject acme = body("{\"target\":\"cost_usd\",\"payload\":{\"tenant\":\"acme\"}}");
        assertThat(other.send("POST", BASE + "/query", acme).status()).isEqualTo(403);
        JsonObject filtered = body("{\"target\":\"budgets\",\"payload\":{\"filter\":{\"tenant\":\"acme\"}}}");
        assertThat(other.send("POST", BASE + "/query", filtered).status()).isEqualTo(403);
        JsonObject adHoc = body("{\"target\":\"requests\"}")
                .put("adhocFilters", new JsonArray("[{\"key\":\"tenant\",\"operator\":\"=\",\"value\":\"acme\"}]"));
        assertThat(other.send("POST", BASE + "/query", adHoc).status()).isEqualTo(403);
        JsonObject variable = new JsonObject("{\"payload\":{\"target\":\"model\",\"tenant\":\"acme\"}}");
        assertThat(other.send("POST", BASE + "/variable", variable).status()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"target\":\"cost\"} | targets[0].target",
                "{} | targets[0].target",
                "{\"target\":\"cost_usd\",\"payload\":{\"groupby\":\"model\"}} | targets[0].payload.groupby",
                "{\"target\":\"cost_usd\",\"payload\":{\"group_by\":\"colour\"}} | targets[0].payload.group_by",
                "{\"target\":\"cost_usd\",\"payload\":{\"granularity\":\"week\"}} | targets[0].payload.granularity",
                "{\"target\":\"cost_usd\",\"payload\":{\"granularity\":\"none\"}} | targets[0].payload.granularity",
                "{\"target\":\"cost_usd\",\"payload\":{\"limit\":0}} | targets[0].payload.limit",
                "{\"target\":\"cost_usd\",\"payload\":{\"tenant\":{}}} | targets[0].payload.tenant",
                "{\"target\":\"cost_usd\",\"payload\":{\"filter\":{\"colour\":\"red\"}}} | targets[0].payload.filter",
            })
    void whatIsWrongInATargetIsNamed(String target, String parameter) throws Exception {
        Answer answer = api.send("POST", BASE + "/query", body(target));
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.json().getString("parameter")).isEqualTo(parameter);
    }

    @Test
    void whatIsWrongElsewhereIsNamedToo() throws Exception {
        JsonObject backwards = body();
        backwards.getJsonObject("range").put("to", "2026-11-22T00:00:00Z");
        JsonObject never = body();
        never.getJsonObject("range").put("from", "yesterday");
        JsonObject like = body().put(
                        "adhocFilters", new JsonArray("[{\"key\":\"model\",\"operator\":\"=~\",\"value\":\"gpt.*\"}]"));
        String[] many = new String[21];
        java.util.Arrays.fill(many, "{\"target\":\"requests\"}");
        Map<String, JsonObject> wrong = Map.of(
                "range.to", backwards,
                "range.from", never,
                "adhocFilters[0].operator", like,
                "targets", body(many));
        for (Map.Entry<String, JsonObject> one : wrong.entrySet()) {
            Answer answer = api.send("POST", BASE + "/query", one.getValue());
            assertThat(answer.status()).as(one.getKey()).isEqualTo(400);
            assertThat(answer.json().getString("parameter")).isEqualTo(one.getKey());
        }
    }
}
