package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Σ events in ClickHouse = Σ rollups = what was sent, to the last digit. */
@ExtendWith(StandaloneExtension.class)
class LedgerTest {
    private static final int EVENTS = 10_000;

    private final RunningStandalone product;
    private final Random random = new Random(42);

    LedgerTest(RunningStandalone product) {
        this.product = product;
    }

    @Test
    void tenThousandEventsDuplicatedAndShuffledAcrossADaysEdgeAddUpToTheLastDigit() {
        Instant midnight =
                LocalDate.now(ZoneOffset.UTC).atStartOfDay(ZoneOffset.UTC).toInstant();
        Instant from = midnight.minus(2, ChronoUnit.HOURS);
        List<UsageEvent> unique = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            Instant at = from.plusNanos((long) (random.nextDouble() * 4 * 3_600 * 1e9))
                    .truncatedTo(ChronoUnit.MICROS);
            unique.add(TestEvents.event("ledger", i % 7, at.isAfter(Instant.now()) ? midnight : at, random));
        }
        List<UsageEvent> sent = new ArrayList<>(unique);
        sent.addAll(unique.subList(0, EVENTS / 5));
        Collections.shuffle(sent, random);
        send(sent);

        BigDecimal expected = TestEvents.cost(unique);
        String window = "from=" + from + "&to=" + midnight.plus(2, ChronoUnit.HOURS) + "&tenant=ledger";
        await("all events", () -> requests("/api/v1/usage?" + window + "&metrics=cost_usd,requests") == EVENTS);
        await(
                "an exact ledger",
                () -> product.get("/api/v1/ledger-check?" + window)
                        .getJsonObject("data")
                        .getBoolean("exact"));
        for (String granularity : List.of("hour", "day")) {
            JsonArray rows = product.data(
                    "/api/v1/usage?" + window + "&granularity=" + granularity + "&metrics=cost_usd,requests");
            assertThat(sum(rows, "cost_usd")).as(granularity).isEqualByComparingTo(expected);
        }
        JsonObject total = product.data(
                        "/api/v1/usage?" + window + "&metrics=cost_usd,requests,input_tokens,output_tokens")
                .getJsonObject(0);
        assertThat(new BigDecimal(total.getString("cost_usd"))).isEqualByComparingTo(expected);
        assertThat(total.getLong("input_tokens"))
                .isEqualTo(unique.stream()
                        .mapToLong(UsageEvent::getUncachedInputTokens)
                        .sum());
    }

    @Test
    void aDayOverTwiceTheDailyAverageIsAnAnomalyAndAnAlert() {
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        List<UsageEvent> events = new ArrayList<>();
        for (int daysAgo = 7; daysAgo >= 1; daysAgo--) {
            Instant noon = today.minusDays(daysAgo)
                    .atStartOfDay(ZoneOffset.UTC)
                    .toInstant()
                    .plusSeconds(43_200);
            events.add(TestEvents.costing("spiky", noon, new BigDecimal("10")));
        }
        send(events);
        await(
                "the past",
                () -> requests("/api/v1/usage?from=" + today.minusDays(8) + "&tenant=spiky&metrics=requests") == 7);
        Instant now = today.atStartOfDay(ZoneOffset.UTC).toInstant().plusSeconds(1);
        send(List.of(TestEvents.costing("spiky", now, new BigDecimal("20.000001"))));
        String id = "day_over_average|spiky|" + today;
        await("the anomaly", () -> anomalies().containsKey(id));
        await(
                "its alert",
                () -> product.<Alert>read(Topics.ALERTS).stream()
                        .anyMatch(alert -> alert.getTenant().equals("spiky")
                                && alert.getKind().equals("anomaly")));
        JsonObject anomaly = anomalies().get(id);
        assertThat(anomaly.getString("observed_usd")).isEqualTo("20.000001");
        assertThat(anomaly.getString("expected_usd")).isEqualTo("10");
        assertThat(anomaly.getJsonArray("contributors").stream().map(part -> ((JsonObject) part)))
                .as("all of it is one model's and one key's")
                .isNotEmpty()
                .allMatch(part -> part.getString("difference_usd").equals("10.000001"));
        assertThat(anomalies().values())
                .as("what else breaks the rule is a side of it")
                .allMatch(other -> other.getString("anomaly_id").equals(id) || id.equals(other.getString("part_of")));
        assertThat(product.<Alert>read(Topics.ALERTS).stream()
                        .filter(alert -> alert.getTenant().equals("spiky")
                                && alert.getKind().equals("anomaly"))
                        .map(Alert::getAlertId)
                        .distinct())
                .as("of which people hear once")
                .containsExactly("anomaly|" + id);
    }

    private Map<String, JsonObject> anomalies() {
        return product.data("/api/v1/anomalies?tenant=spiky").stream()
                .map(JsonObject.class::cast)
                .collect(Collectors.toMap(row -> row.getString("anomaly_id"), Function.identity()));
    }

    private static BigDecimal sum(JsonArray rows, String metric) {
        return rows.stream()
                .map(row -> new BigDecimal(((JsonObject) row).getString(metric)))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private long requests(String path) {
        JsonArray rows = product.data(path);
        return rows.isEmpty() ? 0 : rows.getJsonObject(0).getLong("requests");
    }

    private void send(List<UsageEvent> events) {
        try (KafkaProducer<String, UsageEvent> producer = product.producer()) {
            events.forEach(
                    event -> producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), event.getApiKeyId(), event)));
        }
    }
}
