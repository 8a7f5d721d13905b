package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Topics;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hard budget from the control plane, through Kafka and the aggregator, to the gateway that refuses, and its restart. */
class CapsTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    /** 100 tokens in and 100 out by the demo provider's count, $0.00125. */
    private static final String CALL = "{\"model\":\"gpt-4o\",\"max_completion_tokens\":100,\"messages\":"
            + "[{\"role\":\"user\",\"content\":\"" + "x".repeat(400) + "\"}]}";

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
