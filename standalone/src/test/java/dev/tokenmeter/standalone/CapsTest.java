package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.gateway.GatewayService;
import dev.tokenmeter.gateway.GatewayServiceFactory;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.RunningService;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hard budget from the control plane, through Kafka and the aggregator, to the gateway that refuses, and its restart. */
class CapsTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    /** 100 tokens in and 100 out by the demo provider's count, $0.00125. */
    private static final String CALL = "{\"model\":\"gpt-4o\",\"max_completion_tokens\":100,\"messages\":"
            + "[{\"role\":\"user\",\"content\":\"" + "x".repeat(400) + "\"}]}";

    private static final BigDecimal CALL_COSTS = new BigDecimal("0.00125");
    private static final BigDecimal LIMIT = new BigDecimal("0.0075");

    @TempDir
    private Path folder;

    @Test
    void aHardBudgetHoldsAndTheSpendIsKnownAfterARestart() throws Exception {
        String key;
        try (RunningStandalone product = new RunningStandalone(folder)) {
            budget(product, "0.005");
            key = product.newKey("capped");
            await("the budget holds", () -> call(product, key).statusCode() == 402);
            await("all spend is counted, once, as this run's", () -> {
                List<BudgetStatus> statuses = product.read(Topics.BUDGET_STATUS);
                BudgetStatus last = statuses.get(statuses.size() - 1);
                return last.getSpentUsd().signum() > 0
                        && last.getSpentByGatewayRun().size() == 1
                        && last.getSpentByGatewayRun().containsValue(last.getSpentUsd())
                        && metrics(product).contains("tokenmeter_gateway_caps_unconfirmed_usd 0.0\n");
            });
            assertThat(spent(product)).isBetween(new BigDecimal("0.003"), new BigDecimal("0.005"));
            assertThat(metrics(product)).contains("tokenmeter_gateway_caps_reserved_usd 0.0\n");
        }
        try (RunningStandalone again = new RunningStandalone(folder)) {
            BigDecimal before = spent(again);
            await("the gateway knows its keys", () -> call(again, key).statusCode() != 503);
            HttpResponse<String> refused = call(again, key);
            assertThat(refused.statusCode()).isEqualTo(402);
            assertThat(refused.body()).contains("hard-one", "of $0.005");
            assertThat(spent(again)).isEqualTo(before);

            budget(again, "1");
            await("more is allowed", () -> call(again, key).statusCode() == 200);
        }
    }

    /**
     * What architecture.md states: each gateway holds the limit by itself, whatever it knows of the other; and what the
     * aggregator has counted of one holds the other back, to the last call.
     */
    @Test
    void twoGatewaysPassALimitByNoMoreThanWhatTheOtherSpentUncounted() throws Exception {
        try (RunningStandalone product = new RunningStandalone(folder);
                RunningService second = secondGateway(product)) {
            List<URI> gateways = List.of(
                    product.standalone.gateway(),
                    URI.create("http://127.0.0.1:" + ((GatewayService) second.service()).port()));
            String key = product.newKey("together");
            for (String team : List.of("burst", "paced", "probe")) {
                product.put(
                        "/api/v1/budgets/team-" + team,
                        new JsonObject()
                                .put("tenant", "together")
                                .put("name", "Team " + team)
                                .put("dimensions", JsonObject.of("tag.team", team))
                                .put("amount_usd", team.equals("probe") ? "0.000001" : LIMIT.toPlainString())
                                .put("hard", true)
                                .put("period", "day")
                                .put("time_zone", zone()));
            }
            for (URI gateway : gateways) {
                await(
                        "both know key and budgets",
                        () -> call(gateway, key, "probe").statusCode() == 402);
            }
            BigDecimal passedUsd = CALL_COSTS.multiply(BigDecimal.valueOf(burst(gateways, key)));
            await("all is counted", () -> spentOf(product, "burst").compareTo(passedUsd) == 0);
            assertThat(spentOf(product, "burst")).isBetween(LIMIT.subtract(CALL_COSTS), LIMIT.add(LIMIT));
            costByRun(product, "burst").forEach((run, usd) -> assertThat(usd).isLessThanOrEqualTo(LIMIT));

            int passed = 0;
            int refusedInARow = 0;
            while (refusedInARow < gateways.size()) {
                URI gateway = gateways.get((passed + refusedInARow) % gateways.size());
                if (call(gateway, key, "paced").statusCode() == 200) {
                    passed++;
                    refusedInARow = 0;
                    BigDecimal expected = CALL_COSTS.multiply(BigDecimal.valueOf(passed));
                    await("the call is counted", () -> spentOf(product, "paced").compareTo(expected) == 0);
                    Thread.sleep(300); // and read by both gateways
                } else {
                    refusedInARow++;
                }
            }
            // The last call is refused where its worst case does not fit, though what it would cost does.
            assertThat(spentOf(product, "paced")).isBetween(LIMIT.subtract(CALL_COSTS), LIMIT);
        }
    }

    /** Whose day does not end while the test runs. */
    private static String zone() {
        boolean late = LocalTime.now(ZoneId.of("Asia/Kathmandu")).isAfter(LocalTime.of(23, 45));
        return late ? "Asia/Tokyo" : "Asia/Kathmandu";
    }

    private RunningService secondGateway(RunningStandalone product) throws Exception {
        return RunningService.start(
                new GatewayServiceFactory(),
                product.standalone
                        .settings()
                        .withOverrides(Map.of(
                                "gateway.port", "0",
                                "gateway.gateway-id", "second",
                                "gateway.management.port", "0",
                                "gateway.outbox.dir", folder.resolve("second").toString())));
    }

    /**
     * Both gateways as fast as they go, until both have refused.
     *
     * @return how many calls passed
     */
    private static int burst(List<URI> gateways, String key) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(16);
        try {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 160; i++) {
                URI gateway = gateways.get(i % gateways.size());
                answers.add(callers.submit(() -> call(gateway, key, "burst").statusCode()));
            }
            int passed = 0;
            for (Future<Integer> answer : answers) {
                assertThat(answer.get()).isIn(200, 402);
                passed += answer.get() == 200 ? 1 : 0;
            }
            return passed;
        } finally {
            callers.shutdownNow();
        }
    }

    private static BigDecimal spentOf(RunningStandalone product, String team) {
        List<BudgetStatus> statuses = product.<BudgetStatus>read(Topics.BUDGET_STATUS).stream()
                .filter(status -> status != null && status.getBudgetId().equals("team-" + team))
                .toList();
        return statuses.get(statuses.size() - 1).getSpentUsd();
    }

    private static Map<String, BigDecimal> costByRun(RunningStandalone product, String team) {
        Map<String, BigDecimal> cost = new HashMap<>();
        product.<UsageEvent>read(Topics.USAGE).stream()
                .filter(event -> team.equals(event.getTags().get("team")))
                .forEach(event -> cost.merge(event.getGatewayRun(), event.getCostUsd(), BigDecimal::add));
        return cost;
    }

    private static HttpResponse<String> call(URI gateway, String key, String team) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(gateway.resolve("/openai/v1/chat/completions"))
                .header("authorization", "Bearer " + key)
                .header("content-type", "application/json")
                .header("x-tokenmeter-tag-team", team)
                .POST(HttpRequest.BodyPublishers.ofString(CALL))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static void budget(RunningStandalone product, String usd) {
        product.put(
                "/api/v1/budgets/hard-one",
                new JsonObject()
                        .put("tenant", "capped")
                        .put("name", "Hard")
                        .put("amount_usd", usd)
                        .put("hard", true)
                        .put("period", "month"));
    }

    private static BigDecimal spent(RunningStandalone product) {
        List<BudgetStatus> statuses = product.read(Topics.BUDGET_STATUS);
        return statuses.get(statuses.size() - 1).getSpentUsd();
    }

    private static HttpResponse<String> call(RunningStandalone product, String key) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(product.standalone.gateway() + "/openai/v1/chat/completions"))
                .header("authorization", "Bearer " + key)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(CALL))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static String metrics(RunningStandalone product) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + (9101 + product.portOffset) + "/metrics");
        return HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
