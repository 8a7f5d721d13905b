package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Price;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.standalone.cli.RepriceCommand;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import picocli.CommandLine;

/** A price that comes late, and one that was wrong: calls cost the right amount in the end, and every sum agrees. */
@ExtendWith(StandaloneExtension.class)
class RepriceTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String MODEL = "model-of-next-year";
    private static final String TENANT = "reprice-tenant";

    private final RunningStandalone product;

    RepriceTest(RunningStandalone product) {
        this.product = product;
    }

    @Test
    void anUnpricedCallIsPricedWhenThePriceArrivesAndAnewWhenItWasWrong() throws Exception {
        product.put(
                "/api/v1/budgets/reprice-budget",
                new JsonObject().put("tenant", TENANT).put("name", "B").put("amount_usd", "1"));
        String key = product.newKey(TENANT);
        String from = Instant.now().truncatedTo(ChronoUnit.HOURS).toString(); // before the first call
        for (int i = 0; i < 3; i++) {
            call(key);
        }
        await("they are stored without a cost", () -> row().getLong("unpriced_requests") == 3);
        await("somebody is told of the model", () -> toldOfModel().contains(AlertState.firing));

        price("2.5", "10"); // 100 tokens in and 10 out: 0.00025 + 0.0001
        await("they are priced by themselves", () -> is("0.00105"));
        assertThat(row().getLong("unpriced_requests")).isZero();
        await("and that it has a price now", () -> toldOfModel().contains(AlertState.resolved));

        price("5", "20");
        int exit = new CommandLine(new RepriceCommand())
                .execute(
                        "--api",
                        product.standalone.queryApi().toString(),
                        "--from",
                        from,
                        "--tenant",
                        TENANT,
                        "--reason",
                        "the list was wrong");
        assertThat(exit).isZero();
        await("they cost twice as much", () -> is("0.0021"));
        await("so the budget says", () -> spent("reprice-budget").compareTo(new BigDecimal("0.0021")) == 0);
        Instant hour = Instant.parse(from);
        await(
                "events and rollups agree to the last digit",
                () -> product.get("/api/v1/ledger-check?tenant=" + TENANT + "&from=" + hour + "&to="
                                + hour.plusSeconds(7200))
                        .getJsonObject("data")
                        .getBoolean("exact"));
        assertThat(toldOfModel()).as("once each").containsExactly(AlertState.firing, AlertState.resolved);
    }

    private List<AlertState> toldOfModel() {
        return product.<Alert>read(Topics.ALERTS).stream()
                .filter(alert -> alert.getAlertId().equals("unpriced_model|" + TENANT + "|openai|" + MODEL))
                .map(Alert::getState)
                .toList();
    }

    private boolean is(String usd) {
        return usd.equals(row().getString("cost_usd")) && row().getLong("requests") == 3;
    }

    private BigDecimal spent(String budget) {
        return product.read(Topics.BUDGET_STATUS).stream()
                .map(dev.tokenmeter.schemas.BudgetStatus.class::cast)
                .filter(status -> status.getBudgetId().equals(budget))
                .reduce((earlier, later) -> later)
                .orElseThrow()
                .getSpentUsd();
    }

    private JsonObject row() {
        JsonArray rows = product.data("/api/v1/usage?tenant=" + TENANT
                + "&group_by=model&metrics=cost_usd,requests,unpriced_requests&from="
                + Instant.now().minusSeconds(7200));
        return rows.getJsonObject(0);
    }

    private void call(String key) throws Exception {
        String body = "{\"model\":\"" + MODEL + "\",\"max_completion_tokens\":10,\"messages\":"
                + "[{\"role\":\"user\",\"content\":\"" + "x".repeat(400) + "\"}]}";
        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(URI.create(product.standalone.gateway() + "/openai/v1/chat/completions"))
                        .header("authorization", "Bearer " + key)
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private void price(String input, String output) throws Exception {
        Price price = Price.newBuilder()
                .setPriceId("next-year")
                .setTenant("")
                .setProvider("openai")
                .setModels(List.of(MODEL))
                .setPerMillionTokens(Map.of(
                        "uncached_input_tokens", Money.exact(new BigDecimal(input)),
                        "text_output_tokens", Money.exact(new BigDecimal(output))))
                .setSource("api")
                .setRecordedAt(Instant.now().truncatedTo(ChronoUnit.MICROS))
                .setRecordedBy("test")
                .build();
        try (KafkaProducer<String, Price> producer = product.producer()) {
            producer.send(new ProducerRecord<>(Topics.PRICES.topicName(), "next-year", price))
                    .get();
        }
        await(
                "the query API has read it",
                () -> new BigDecimal(product.get("/api/v1/prices/next-year")
                                        .getJsonObject("data")
                                        .getJsonObject("usd_per_million_tokens")
                                        .getString("uncached_input_tokens"))
                                .compareTo(new BigDecimal(input))
                        == 0);
    }
}
