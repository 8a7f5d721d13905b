package dev.tokenmeter.queryapi;

import static dev.tokenmeter.storage.sink.TestRecords.event;
import static dev.tokenmeter.storage.sink.TestRecords.money;
import static dev.tokenmeter.storage.sink.TestRecords.rollups;
import static dev.tokenmeter.storage.sink.TestRecords.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.queryapi.ApiForTests.Answer;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.BillLine;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.ProviderBill;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One tenant's token reads no other tenant's numbers, whatever it asks. */
class TenantsApartTest {
    private static final String SECRET_TENANT = "victim-co";
    private static final String SECRET_FIGURE = "31337";
    private static final Instant HOUR = Instant.parse("2026-11-23T09:00:00Z");
    private static ApiForTests open;
    private static ApiForTests everybody;
    private static ApiForTests mallory;
    private static ApiForTests viewer;
    private static String keyId;
    private static String silenceId;

    @BeforeAll
    static void start() throws Exception {
        Map<String, String> settings = new HashMap<>();
        settings.putAll(ApiForTests.token("operator", "*", "admin"));
        settings.putAll(ApiForTests.token("mallory", "mallory-co", "admin"));
        settings.putAll(ApiForTests.token("viewer", "mallory-co", "viewer"));
        open = ApiForTests.start(settings);
        everybody = open.as("operator-token");
        mallory = open.as("mallory-token");
        viewer = open.as("viewer-token");
        fill();
    }

    @AfterAll
    static void stop() throws Exception {
        open.close();
    }

    private static void fill() throws Exception {
        UsageEvent event = event(SECRET_TENANT, HOUR, "victim-model", SECRET_FIGURE)
                .setTags(Map.of("team", "victim-team"))
                .build();
        store(open.db.clickHouse(), event);
        for (Granularity granularity : List.of(Granularity.hour, Granularity.day)) {
            store(open.db.clickHouse(), rollups(List.of(event), granularity).toArray(UsageRollup[]::new));
        }
        Instant day = Instant.parse("2026-11-23T00:00:00Z");
        store(
                open.db.clickHouse(),
                BudgetStatus.newBuilder()
                        .setBudgetId("victim-budget")
                        .setTenant(SECRET_TENANT)
                        .setName("victim")
                        .setPeriodStart(day)
                        .setPeriodEnd(day.plusSeconds(86_400))
                        .setSpentUsd(money(SECRET_FIGURE))
                        .setLimitUsd(money(SECRET_FIGURE))
                        .setUpdatedAt(HOUR)
                        .build());
        store(
                open.db.clickHouse(),
                Alert.newBuilder()
                        .setAlertId("victim-alert")
                        .setKind("anomaly")
                        .setState(AlertState.firing)
                        .setTenant(SECRET_TENANT)
                        .setSummary("victim")
                        .setWindowStart(HOUR)
                        .setWindowEnd(HOUR)
                        .setStartsAt(HOUR)
                        .setUpdatedAt(HOUR)
                        .build());
        store(
                open.db.clickHouse(),
                Anomaly.newBuilder()
                        .setAnomalyId("victim-anomaly")
                        .setTenant(SECRET_TENANT)
                        .setRule("r")
                        .setWindowStart(HOUR)
                        .setWindowEnd(HOUR)
                        .setObservedUsd(money(SECRET_FIGURE))
                        .setExpectedUsd(money("1"))
                        .setFactor(money("2"))
                        .setDetectedAt(HOUR)
                        .build());
        store(
                open.db.clickHouse(),
                ProviderBill.newBuilder()
                        .setTenant(SECRET_TENANT)
                        .setProvider("openai")
                        .setReport("costs")
                        .setAccount("victim-project")
                        .setWindowStart(day)
                        .setWindowEnd(day.plusSeconds(86_400))
                        .setLines(List.of(BillLine.newBuilder()
                                .setModel("victim-model")
                                .setAmount(money(SECRET_FIGURE))
                                .build()))
                        .setSource("csv")
                        .setImportId("victim-import")
                        .setImportedAt(HOUR)
                        .setImportedBy("victim")
                        .build());
        everybody.send("PUT", "/api/v1/budgets/victim-budget", budget(SECRET_TENANT));
        everybody.send(
                "PUT",
                "/api/v1/prices/victim-budget",
                JsonObject.of("tenant", SECRET_TENANT, "provider", "openai", "models", List.of("victim-model"))
                        .put("usd_per_unit", JsonObject.of("requests", SECRET_FIGURE)));
        everybody.send("PUT", "/api/v1/alert-rules/victim-budget", rule(SECRET_TENANT));
        silenceId = everybody
                .send("POST", "/api/v1/silences", silence(SECRET_TENANT))
                .json()
                .getJsonObject("data")
                .getString("silence_id");
        keyId = everybody
                .send("POST", "/api/v1/keys", JsonObject.of("tenant", SECRET_TENANT, "name", "victim"))
                .json()
                .getJsonObject("data")
                .getString("api_key_id");
    }

    private static JsonObject silence(String tenant) {
        return JsonObject.of(
                        "tenant",
                        tenant,
                        "ends_at",
                        Instant.now().plusSeconds(3600).toString())
                .put("comment", "victim");
    }

    private static JsonObject rule(String tenant) {
        return JsonObject.of("tenant", tenant, "name", "victim", "kind", "error_rate");
    }

    private static JsonObject budget(String tenant) {
        return JsonObject.of("tenant", tenant, "name", "victim", "amount_usd", SECRET_FIGURE);
    }

    /** Every GET path of the description, so that a new endpoint is tried too. */
    private static List<String> readablePaths() throws Exception {
        List<String> paths = new ArrayList<>();
        String path = null;
        for (String line : Files.readAllLines(Path.of("src/main/resources/openapi.yaml"))) {
            if (line.matches("  /api/.*:")) {
                path = line.strip().replace(":", "");
            } else if (line.equals("    get:")) {
                paths.add(path.replace("/keys/{id}", "/keys/" + keyId)
                        .replace("/silences/{id}", "/silences/" + silenceId)
                        .replace("{id}", "victim-budget"));
            }
        }
        return paths;
    }

    @Test
    void noEndpointTellsAnythingOfAnotherTenant() throws Exception {
        assertThat(readablePaths()).hasSizeGreaterThan(12);
        for (String path : readablePaths()) {
            for (String query : List.of(
                    "",
                    "tenant=" + SECRET_TENANT,
                    "filter.tenant=" + SECRET_TENANT,
                    "tenant=*",
                    "group_by=tenant,model,tag.team",
                    "from=2026-11-23&to=2026-11-24",
                    "from=2026-11-23&until=2026-11-24",
                    "from=2026-11-23&until=2026-11-24&tenant=" + SECRET_TENANT,
                    "from=2026-11-23&until=2026-11-24&provider=openai&format=csv",
                    "from=2026-11-23&to=2026-11-24&tenant=" + SECRET_TENANT,
                    "from=2026-11-23T08:30:00Z&filter.model=victim-model",
                    "provider=openai&model=victim-model",
                    "provider=openai&model=victim-model&tenant=" + SECRET_TENANT)) {
                String asked = path + "?" + (path.endsWith("by-tag") ? "tag=team&" : "") + query;
                Answer answer = viewer.get(asked);
                assertThat(answer.body().replaceAll("\"detail\":\"[^\"]*\"", ""))
                        .as(asked)
                        .doesNotContain(SECRET_FIGURE)
                        .doesNotContain("victim");
            }
        }
    }

    @Test
    void theOperatorSeesThemAll() throws Exception {
        for (String path : List.of(
                "/api/v1/tenants",
                "/api/v1/alerts",
                "/api/v1/anomalies",
                "/api/v1/budgets",
                "/api/v1/keys",
                "/api/v1/silences",
                "/api/v1/alert-rules",
                "/api/v1/prices?source=api",
                "/api/v1/views/budget-utilization",
                "/api/v1/usage?group_by=tenant")) {
            assertThat(everybody.get(path).body()).as(path).contains(SECRET_TENANT);
        }
        assertThat(everybody.get("/api/v1/reconciliation").body())
                .contains("victim-model")
                .contains(SECRET_FIGURE);
    }

    @Test
    void namingAnotherTenantIsRefusedAndItsIdsDoNotExist() throws Exception {
        assertThat(mallory.get("/api/v1/usage?tenant=" + SECRET_TENANT).status())
                .isEqualTo(403);
        assertThat(mallory.get("/api/v1/budgets/victim-budget").status()).isEqualTo(404);
        assertThat(mallory.send("DELETE", "/api/v1/budgets/victim-budget", null).status())
                .isEqualTo(404);
        assertThat(mallory.send("PUT", "/api/v1/budgets/victim-budget", budget("mallory-co"))
                        .status())
                .isEqualTo(404);
        assertThat(mallory.send("PUT", "/api/v1/budgets/mine", budget(SECRET_TENANT))
                        .status())
                .isEqualTo(403);
        for (String method : List.of("GET", "PUT", "DELETE")) {
            assertThat(mallory.send(
                                    method,
                                    "/api/v1/silences/" + silenceId,
                                    method.equals("PUT") ? silence("mallory-co") : null)
                            .status())
                    .isEqualTo(404);
        }
        for (String method : List.of("GET", "PUT", "DELETE")) {
            assertThat(mallory.send(
                                    method,
                                    "/api/v1/alert-rules/victim-budget",
                                    method.equals("PUT") ? rule("mallory-co") : null)
                            .status())
                    .isEqualTo(404);
        }
        for (String tenant : List.of(SECRET_TENANT, "*")) {
            assertThat(mallory.send("POST", "/api/v1/alert-rules", rule(tenant)).status())
                    .isEqualTo(403);
        }
        assertThat(mallory.send("POST", "/api/v1/silences", silence(SECRET_TENANT))
                        .status())
                .isEqualTo(403);
        assertThat(everybody.data("/api/v1/silences/" + silenceId).getString("tenant"))
                .isEqualTo(SECRET_TENANT);
        assertThat(mallory.send("POST", "/api/v1/keys", JsonObject.of("tenant", SECRET_TENANT, "name", "n"))
                        .status())
                .isEqualTo(403);
        assertThat(mallory.send("DELETE", "/api/v1/keys/" + keyId, null).status())
                .isEqualTo(404);
        assertThat(mallory.get("/api/v1/keys/" + keyId).status()).isEqualTo(404);
        assertThat(mallory.send("PATCH", "/api/v1/keys/" + keyId, JsonObject.of("name", "mine"))
                        .status())
                .isEqualTo(404);
        assertThat(mallory.send("POST", "/api/v1/keys/" + keyId + "/rotate", new JsonObject())
                        .status())
                .isEqualTo(404);
        assertThat(everybody.data("/api/v1/keys/" + keyId).getString("name")).isEqualTo("victim");
        assertThat(everybody.data("/api/v1/keys/" + keyId).getBoolean("enabled"))
                .isTrue();
        assertThat(everybody.data("/api/v1/budgets/victim-budget").getString("tenant"))
                .isEqualTo(SECRET_TENANT);
        assertThat(mallory.send("PUT", "/api/v1/budgets/mine", JsonObject.of("name", "n", "amount_usd", "1"))
                        .json()
                        .getJsonObject("data")
                        .getString("tenant"))
                .isEqualTo("mallory-co");
    }

    @Test
    void noTenantGivesAKeyTheRunOfWhatOthersKeepAtAProvider() throws Exception {
        for (JsonObject wish : List.of(
                JsonObject.of("allowed_operations", JsonArray.of("*", "files")),
                JsonObject.of("allowed_operations", JsonArray.of("stored")),
                JsonObject.of("provider_keys", JsonObject.of("openai", "growth")))) {
            assertThat(mallory.send("POST", "/api/v1/keys", wish.copy().put("name", "n"))
                            .status())
                    .as(wish.encode())
                    .isEqualTo(403);
            String plain = made(mallory, JsonObject.of("name", "n"));
            assertThat(mallory.send("PATCH", "/api/v1/keys/" + plain, wish).status())
                    .as(wish.encode())
                    .isEqualTo(403);
            assertThat(everybody.send("PATCH", "/api/v1/keys/" + plain, wish).status())
                    .as(wish.encode())
                    .isEqualTo(200);
        }
    }

    @Test
    void whatTheOperatorBoundAKeyToATenantMayNarrowAndNotWiden() throws Exception {
        String path = "/api/v1/keys/"
                + made(
                        everybody,
                        JsonObject.of("tenant", "mallory-co", "name", "given")
                                .put("allowed_operations", JsonArray.of("*", "files", "stored"))
                                .put("allowed_providers", JsonArray.of("openai", "anthropic"))
                                .put("provider_keys", JsonObject.of("openai", "mallorys", "anthropic", "mallorys")));
        for (JsonObject wish : List.of(
                new JsonObject().putNull("provider_keys"),
                JsonObject.of("provider_keys", JsonObject.of("openai", "growth")),
                new JsonObject().putNull("allowed_providers"),
                JsonObject.of("allowed_providers", JsonArray.of("openai", "mistral")))) {
            assertThat(mallory.send("PATCH", path, wish).status())
                    .as(wish.encode())
                    .isEqualTo(403);
        }
        assertThat(everybody.data(path).getJsonObject("provider_keys").getString("openai"))
                .isEqualTo("mallorys");
        for (JsonObject wish : List.of(
                JsonObject.of("name", "renamed", "requests_per_minute", 5),
                JsonObject.of("allowed_operations", JsonArray.of("*", "files")),
                JsonObject.of("allowed_providers", JsonArray.of("openai")))) {
            assertThat(mallory.send("PATCH", path, wish).status())
                    .as(wish.encode())
                    .isEqualTo(200);
        }
        assertThat(mallory.send("POST", path + "/rotate", new JsonObject()).status())
                .isEqualTo(200);
    }

    private static String made(ApiForTests by, JsonObject key) throws Exception {
        Answer answer = by.send("POST", "/api/v1/keys", key);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json().getJsonObject("data").getString("api_key_id");
    }

    @Test
    void noTenantSetsPricesNotEvenItsOwn() throws Exception {
        JsonObject discount = JsonObject.of("provider", "openai", "models", List.of("gpt-4o"), "factor", "0.5");
        for (String tenant : List.of(SECRET_TENANT, "mallory-co")) {
            assertThat(mallory.send("PUT", "/api/v1/prices/mine", discount.put("tenant", tenant))
                            .status())
                    .isEqualTo(403);
        }
        assertThat(mallory.send("DELETE", "/api/v1/prices/victim-budget", null).status())
                .isEqualTo(403);
        for (String decision : List.of("accept", "dismiss")) {
            assertThat(mallory.send("POST", "/api/v1/prices/updates/" + decision, JsonObject.of("price_id", "p"))
                            .status())
                    .isEqualTo(403);
        }
        assertThat(mallory.get("/api/v1/prices/victim-budget").status()).isEqualTo(404);
        assertThat(everybody.get("/api/v1/prices/victim-budget").status()).isEqualTo(200);
        assertThat(mallory.get("/api/v1/prices/effective?provider=openai&model=gpt-4o")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aTenantsBillIsItsOwn() throws Exception {
        byte[] bill = ("{\"data\":[{\"start_time\":1763856000,\"end_time\":1763942400,\"results\":["
                        + "{\"object\":\"organization.costs.result\",\"amount\":{\"value\":1,\"currency\":\"usd\"}}]}]}")
                .getBytes(StandardCharsets.UTF_8);
        String path = "/api/v1/bills?format=openai_costs";
        assertThat(mallory.upload(path + "&tenant=" + SECRET_TENANT, bill, "application/json")
                        .status())
                .isEqualTo(403);
        assertThat(viewer.upload(path, bill, "application/json").status()).isEqualTo(403);
        assertThat(open.upload(path, bill, "application/json").status()).isEqualTo(401);
        Answer own = mallory.upload(path, bill, "application/json");
        assertThat(own.status()).isEqualTo(201);
        assertThat(own.json().getJsonObject("data").getString("tenant")).isEqualTo("mallory-co");
    }

    @Test
    void aViewerChangesNothing() throws Exception {
        assertThat(viewer.send("PUT", "/api/v1/budgets/own", budget("mallory-co"))
                        .status())
                .isEqualTo(403);
        assertThat(viewer.send("POST", "/api/v1/budgets", budget("mallory-co")).status())
                .isEqualTo(403);
        assertThat(viewer.send("DELETE", "/api/v1/budgets/own", null).status()).isEqualTo(403);
        assertThat(viewer.send("POST", "/api/v1/silences", silence("mallory-co"))
                        .status())
                .isEqualTo(403);
        assertThat(viewer.send("POST", "/api/v1/keys", JsonObject.of("name", "n"))
                        .status())
                .isEqualTo(403);
        assertThat(viewer.send("DELETE", "/api/v1/keys/" + keyId, null).status())
                .isEqualTo(403);
        assertThat(viewer.send("PATCH", "/api/v1/keys/" + keyId, JsonObject.of("name", "n"))
                        .status())
                .isEqualTo(403);
        assertThat(viewer.send("POST", "/api/v1/keys/" + keyId + "/rotate", new JsonObject())
                        .status())
                .isEqualTo(403);
    }

    @Test
    void withoutAKnownTokenNothingIsAnswered() throws Exception {
        for (String path : readablePaths()) {
            assertThat(open.get(path).status()).as(path).isEqualTo(401);
            assertThat(open.as("wrong").get(path).status()).as(path).isEqualTo(401);
        }
        assertThat(open.get("/health/ready").status()).isEqualTo(200);
    }

    @Test
    void anOpenApiThatOthersCanReachIsRefusedAtStart() {
        assertThatThrownBy(() -> QueryApiConfig.from(Settings.of(Map.of("query-api.host", "0.0.0.0"))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("query-api.host")
                .hasMessageContaining("query-api.tokens");
    }
}
