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
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every query of every dashboard in {@code deploy/grafana}, run as its data source would: Infinity's against REST, the JSON data
 * source's against its endpoints, ClickHouse's against the engine with the plugin's
 * <a href="https://github.com/grafana/clickhouse-datasource#macros">macros</a> expanded. Each must find something. Of PromQL, each
 * metric must be one of {@code docs/metrics.md}, which {@code MetricsDocTest} compares with what a running system exposes.
 */
class DashboardsTest {
    private static final Path GRAFANA = Path.of("..", "deploy", "grafana");
    private static final Instant FROM = NOW.minus(Duration.ofDays(7));
    private static final Pattern METRIC = Pattern.compile("\\b(?:tokenmeter|gen_ai)_(?:\\w+)(?=[{\\[)\\s])");
    private static final Pattern LABELS = Pattern.compile("\\bby \\(([^)]*)\\)");
    private static ApiForTests api;

    @BeforeAll
    static void start() throws Exception {
        api = ApiForTests.start(Map.of());
        List<UsageEvent> events = new ArrayList<>();
        for (int hours = 0; hours < 24 * 40; hours += 5) {
            Instant at = NOW.minus(Duration.ofHours(hours)).minusSeconds(1);
            String tenant = hours % 2 == 0 ? "acme" : "globex";
            events.add(event(tenant, at, "gpt-4o", "0.0" + (10 + hours % 80))
                    .setTraceId("trace-" + hours / 10)
                    .setTimeToFirstTokenMs(120L + hours)
                    .setLatencyMs(400 + hours)
                    .build());
            events.add(event(tenant, at, "claude", "0.5")
                    .setProvider("anthropic")
                    .setTraceId("trace-" + hours / 10)
                    .setTags(Map.of("team", "ads", "feature", "captions"))
                    .build());
        }
        events.add(event("acme", NOW.minusSeconds(4_000), "llama-next", null).build());
        store(api.db.clickHouse(), events.toArray(UsageEvent[]::new));
        for (Granularity granularity : List.of(Granularity.hour, Granularity.day)) {
            store(api.db.clickHouse(), rollups(events, granularity).toArray(UsageRollup[]::new));
        }
        storeJournal();
    }

    private static void storeJournal() throws Exception {
        Instant day = Instant.parse("2026-11-22T00:00:00Z");
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
                        .setUpdatedAt(day)
                        .build());
        store(
                api.db.clickHouse(),
                Alert.newBuilder()
                        .setAlertId("a1")
                        .setKind("budget_threshold")
                        .setState(AlertState.firing)
                        .setTenant("acme")
                        .setSummary("acme has spent 81 %")
                        .setWindowStart(day)
                        .setWindowEnd(NOW)
                        .setStartsAt(day)
                        .setUpdatedAt(day)
                        .build());
        store(
                api.db.clickHouse(),
                Anomaly.newBuilder()
                        .setAnomalyId("n1")
                        .setTenant("acme")
                        .setRule("day_over_average")
                        .setWindowStart(day)
                        .setWindowEnd(day.plusSeconds(86_400))
                        .setObservedUsd(money("20"))
                        .setExpectedUsd(money("10"))
                        .setFactor(money("2"))
                        .setDetectedAt(day)
                        .build());
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
    }

    static List<Path> dashboards() throws Exception {
        try (Stream<Path> files = Files.list(GRAFANA.resolve("dashboards"))) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    private static JsonObject read(Path file) throws Exception {
        return new JsonObject(Files.readString(file));
    }

    private static List<JsonObject> panels(JsonObject dashboard) {
        return objects(dashboard.getJsonArray("panels"));
    }

    private static List<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void aPanelsQueriesFindSomethingForOneTenantAndForAll(Path file) throws Exception {
        JsonObject dashboard = read(file);
        boolean forAll = dashboard.getJsonObject("templating").getJsonArray("list").stream()
                .map(JsonObject.class::cast)
                .filter(variable -> variable.getString("name").equals("tenant"))
                .anyMatch(variable -> variable.getBoolean("includeAll"));
        for (String tenant : forAll ? List.of("acme", "*") : List.of("acme")) {
            for (JsonObject panel : panels(dashboard)) {
                for (JsonObject target : objects(panel.getJsonArray("targets"))) {
                    run(file.getFileName() + ", " + panel.getString("title"), target, tenant);
                }
            }
            for (JsonObject annotation :
                    objects(dashboard.getJsonObject("annotations").getJsonArray("list"))) {
                run(
                        file.getFileName() + ", " + annotation.getString("name"),
                        annotation.getJsonObject("target"),
                        tenant);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void itsVariablesHaveValues(Path file) throws Exception {
        for (JsonObject variable :
                objects(read(file).getJsonObject("templating").getJsonArray("list"))) {
            String what = file.getFileName() + ", variable " + variable.getString("name");
            if (!variable.getString("type").equals("query")) {
                assertThat(variable.getString("query")).as(what).isNotEmpty();
            } else if (variable.getJsonObject("query").containsKey("infinityQuery")) {
                run(what, variable.getJsonObject("query").getJsonObject("infinityQuery"), "*");
            } else {
                JsonObject body = new JsonObject()
                        .put(
                                "payload",
                                new JsonObject(variable.getJsonObject("query").getString("query")))
                        .put("range", range());
                Answer answer = api.send("POST", "/api/v1/grafana/variable", body);
                assertThat(new JsonArray(answer.body())).as(what).isNotEmpty();
            }
        }
    }

    @Test
    void theyCanBeProvisionedTogether() throws Exception {
        String sources = Files.readString(GRAFANA.resolve(Path.of("provisioning", "datasources", "tokenmeter.yaml")));
        Set<String> uids = new HashSet<>();
        assertThat(dashboards()).hasSizeGreaterThanOrEqualTo(5);
        for (Path file : dashboards()) {
            JsonObject dashboard = read(file);
            assertThat(uids.add(dashboard.getString("uid"))).as("%s: uid", file).isTrue();
            assertThat(dashboard.getString("title")).as("%s: title", file).isNotEmpty();
            assertThat(dashboard.getInteger("schemaVersion"))
                    .as("%s: schema", file)
                    .isEqualTo(39);
            Set<Integer> ids = new HashSet<>();
            Set<String> places = new HashSet<>();
            for (JsonObject panel : panels(dashboard)) {
                String what = file.getFileName() + ", " + panel.getString("title");
                JsonObject place = panel.getJsonObject("gridPos");
                assertThat(ids.add(panel.getInteger("id"))).as(what).isTrue();
                assertThat(places.add(place.getInteger("x") + " " + place.getInteger("y")))
                        .as(what)
                        .isTrue();
                assertThat(place.getInteger("x") + place.getInteger("w"))
                        .as(what)
                        .isLessThanOrEqualTo(24);
                Set<String> refs = new HashSet<>();
                for (JsonObject target : objects(panel.getJsonArray("targets"))) {
                    assertThat(refs.add(target.getString("refId"))).as(what).isTrue();
                    JsonObject source = target.getJsonObject("datasource");
                    assertThat(sources)
                            .as(what)
                            .contains("uid: " + source.getString("uid") + "\n    type: " + source.getString("type")
                                    + "\n");
                }
            }
        }
    }

    private static void run(String what, JsonObject target, String tenant) throws Exception {
        String type = target.getJsonObject("datasource").getString("type");
        switch (type) {
            case "yesoreyeram-infinity-datasource" -> infinity(what, target, tenant);
            case "simpod-json-datasource" -> json(what, target, tenant);
            case "grafana-clickhouse-datasource" -> clickHouse(what, target, tenant);
            case "prometheus" -> prometheus(what, target);
            default -> throw new AssertionError(what + ": " + type);
        }
    }

    /** As Grafana puts variables into texts. */
    private static String interpolated(String what, String text, String tenant) {
        String done = text.replace("${__from:date:iso}", millis(FROM))
                .replace("${__to:date:iso}", millis(NOW))
                .replace("${__from:date:YYYY-MM-DD}", FROM.toString().substring(0, 10))
                .replace("${__to:date:YYYY-MM-DD}", NOW.toString().substring(0, 10))
                .replace("${tenant}", tenant)
                .replace("${tenant:singlequote}", "'" + tenant + "'")
                .replace("${tag}", "feature");
        assertThat(done).as(what).doesNotContain("${");
        return done;
    }

    private static String millis(Instant time) {
        return time.toString().replace("Z", ".000Z");
    }

    private static JsonObject range() {
        return JsonObject.of("from", millis(FROM), "to", millis(NOW));
    }

    private static void infinity(String what, JsonObject target, String tenant) throws Exception {
        Answer answer = api.get(interpolated(what, target.getString("url"), tenant));
        assertThat(answer.status()).as("%s: %s", what, answer.body()).isEqualTo(200);
        Object found = answer.json();
        for (String step : target.getString("root_selector").split("\\.")) {
            found = ((JsonObject) found).getValue(step);
        }
        List<JsonObject> rows = found instanceof JsonArray all ? objects(all) : List.of((JsonObject) found);
        assertThat(rows).as(what).isNotEmpty();
        for (JsonObject column : objects(target.getJsonArray("columns"))) {
            String selector = column.getString("selector");
            for (JsonObject row : rows) {
                assertThat(row.containsKey(selector))
                        .as("%s: %s in %s", what, selector, row)
                        .isTrue();
                Object value = row.getValue(selector);
                if (column.getString("type").equals("number") && value != null) {
                    assertThat(new BigDecimal(value.toString())).as(what).isNotNull();
                }
            }
            assertThat(rows.stream().map(row -> row.getValue(selector)).filter(value -> value != null))
                    .as("%s: some %s", what, selector)
                    .isNotEmpty();
        }
    }

    private static void json(String what, JsonObject target, String tenant) throws Exception {
        String payload = interpolated(what, target.getString("payload"), tenant);
        JsonObject asked = target.copy().put("payload", new JsonObject(payload));
        Answer answer = api.send(
                "POST",
                "/api/v1/grafana/query",
                new JsonObject().put("range", range()).put("targets", JsonArray.of(asked)));
        assertThat(answer.status()).as("%s: %s", what, answer.body()).isEqualTo(200);
        List<JsonObject> frames = objects(new JsonArray(answer.body()));
        assertThat(frames).as(what).isNotEmpty();
        for (JsonObject frame : frames) {
            assertThat(frame.getJsonArray(frame.containsKey("rows") ? "rows" : "datapoints"))
                    .as(what)
                    .isNotEmpty();
        }
    }

    private static void clickHouse(String what, JsonObject target, String tenant) throws Exception {
        String from = "toDateTime(" + FROM.getEpochSecond() + ")";
        String to = "toDateTime(" + NOW.getEpochSecond() + ")";
        String sql = interpolated(what, target.getString("rawSql"), tenant)
                .replaceAll("\\$__timeFilter\\(([^()]*)\\)", "$1 >= " + from + " AND $1 <= " + to)
                .replaceAll(
                        "\\$__timeInterval\\(([^()]*)\\)", "toStartOfInterval(toDateTime($1), INTERVAL 3600 second)")
                .replaceAll("\\$__conditionalAll\\((.*?), \\$tenant\\)", tenant.equals("*") ? "1=1" : "$1");
        assertThat(sql).as(what).doesNotContain("$");
        try (Connection connection = api.db.clickHouse().open();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).as("%s: rows of %s", what, sql).isTrue();
            if (target.getString("queryType").equals("timeseries")) {
                assertThat(rows.getMetaData().getColumnName(1)).as(what).isEqualTo("time");
                assertThat(rows.getTimestamp(1)).as(what).isNotNull();
            }
        }
    }

    private static void prometheus(String what, JsonObject target) throws Exception {
        String docs = Files.readString(Path.of("..", "docs", "metrics.md"));
        String query = target.getString("expr");
        Matcher metrics = METRIC.matcher(LABELS.matcher(query).replaceAll("") + " ");
        int found = 0;
        while (metrics.find()) {
            found++;
            String name = metrics.group();
            String base = name.replaceAll("_(bucket|count|sum|max)$", "");
            assertThat(docs)
                    .as("%s: %s in docs/metrics.md", what, name)
                    .matches(text -> text.contains("| `" + name + "` |") || text.contains("| `" + base + "` |"));
        }
        assertThat(found).as("%s: metrics in %s", what, query).isPositive();
        Matcher labels = LABELS.matcher(query);
        while (labels.find()) {
            for (String label : labels.group(1).split(",\\s*")) {
                assertThat(docs)
                        .as("%s: label %s", what, label)
                        .matches(text -> label.equals("le") || text.contains("`" + label + "`"));
            }
        }
        assertThat(query.chars().filter(c -> c == '(').count())
                .as(what)
                .isEqualTo(query.chars().filter(c -> c == ')').count());
    }
}
