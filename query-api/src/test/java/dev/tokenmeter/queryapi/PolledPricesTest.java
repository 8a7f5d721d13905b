package dev.tokenmeter.queryapi;

import static dev.tokenmeter.storage.sink.TestRecords.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.queryapi.ApiForTests.Answer;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A price list that is polled, from its change to the next call's cost, on the real broker. */
class PolledPricesTest {
    private static final String UPDATES = "/api/v1/prices/updates";

    @TempDir
    Path folder;

    @Test
    void aListsPriceIsUsedWithoutARestartAndATenfoldMoveOnlyOnceItIsAccepted() throws Exception {
        Path file = folder.resolve("list.json");
        write(file, "3", "15");
        try (ApiForTests api =
                ApiForTests.start(Map.of("pricing.update.file", file.toString(), "pricing.update.interval", "1s"))) {
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(cost(api)).isEqualByComparingTo("0.00045"));

            write(file, "6", "30");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(cost(api)).isEqualByComparingTo("0.0009"));

            write(file, "600", "3000");
            await().atMost(Duration.ofSeconds(30)).until(() -> api.data(UPDATES).getInteger("held_back_total") == 1);
            assertThat(cost(api)).isEqualByComparingTo("0.0009");
            JsonObject held = api.data(UPDATES).getJsonArray("held_back").getJsonObject(0);
            assertThat(held.getString("price_id")).isEqualTo("update:openai/polled-model");
            assertThat(held.getString("reason")).contains(" to ");

            assertThat(send(api, "dismiss", "update:openai/other").status()).isEqualTo(400);
            Answer dismissed = send(api, "dismiss", "update:openai/polled-model");
            assertThat(dismissed.status()).as(dismissed.body()).isEqualTo(200);
            assertThat(api.data(UPDATES).getInteger("held_back_total")).isZero();
            assertThat(api.data(UPDATES)
                            .getJsonArray("dismissed")
                            .getJsonObject(0)
                            .getString("reason"))
                    .isEqualTo(held.getString("reason"));
            assertThat(cost(api)).isEqualByComparingTo("0.0009");

            write(file, "700", "3000");
            await().atMost(Duration.ofSeconds(30)).until(() -> api.data(UPDATES).getInteger("held_back_total") == 1);

            assertThat(accept(api, "update:openai/other").status()).isEqualTo(400);
            Answer accepted = accept(api, "update:openai/polled-model");
            assertThat(accepted.status()).as(accepted.body()).isEqualTo(200);
            assertThat(cost(api)).isEqualByComparingTo("0.1");
            assertThat(api.data(UPDATES).getInteger("held_back_total")).isZero();
            assertThat(api.rows("/api/v1/prices?model=polled-model&source=update"))
                    .isNotEmpty();
        }
    }

    private static Answer accept(ApiForTests api, String id) throws Exception {
        return send(api, "accept", id);
    }

    private static Answer send(ApiForTests api, String what, String id) throws Exception {
        return api.send("POST", UPDATES + "/" + what, JsonObject.of("price_id", id));
    }

    private static BigDecimal cost(ApiForTests api) {
        BigDecimal cost = api.prices
                .pricer()
                .price(event("acme", ApiForTests.NOW, "polled-model", null).build())
                .getCostUsd();
        return cost == null ? BigDecimal.ZERO : cost;
    }

    private static void write(Path file, String in, String out) throws Exception {
        Path next = file.resolveSibling("next.json");
        Files.writeString(next, """
                {"prices": [{"provider": "openai", "models": ["polled-model"], "usd_per_million_tokens":
                  {"uncached_input_tokens": "%s", "text_output_tokens": "%s"}}]}""".formatted(in, out));
        Files.move(next, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
}
