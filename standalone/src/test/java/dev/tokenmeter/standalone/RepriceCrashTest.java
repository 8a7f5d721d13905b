package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.queryapi.QueryApiMain;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.Settings;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The query API as a process of its own, from its own main class, killed with SIGKILL while it prices past events anew. */
@ExtendWith(StandaloneExtension.class)
class RepriceCrashTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String TENANT = "reprice-crash";
    private static final int EVENTS = 20_000;

    private final RunningStandalone product;
    private final Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
    private BigDecimal wrong = BigDecimal.ZERO;
    private BigDecimal right = BigDecimal.ZERO;

    RepriceCrashTest(RunningStandalone product) {
        this.product = product;
    }

    @Test
    void aRepricingThatDiesMidwayAndIsDoneAgainCorrectsEachEventOnce() throws Exception {
        write();
        await("all are stored", () -> isExact(wrong));

        URI api = URI.create("http://127.0.0.1:" + freePort());
        Process queryApi = start(api);
        try {
            await("it is up", () -> send(api, "GET", "/health/ready", null) != null);
            JsonObject job = send(api, "POST", "/api/v1/reprice", request());
            String path = "/api/v1/reprice/" + job.getString("reprice_id");
            await("it is at it", () -> send(api, "GET", path, null).getLong("events_done") > 0);
        } finally {
            queryApi.destroyForcibly().waitFor();
        }
        // Not even the corrections that it wrote are stored by now: those are written again.
        JsonObject again = product.send("POST", "/api/v1/reprice", request()).getJsonObject("data");
        await(
                "the second run is done",
                () -> product.get("/api/v1/reprice/" + again.getString("reprice_id"))
                        .getJsonObject("data")
                        .getString("state")
                        .equals("done"));

        await("events and rollups cost what they should, to the last digit", () -> isExact(right));
        await(
                "each was corrected once",
                () -> query("SELECT count(), uniqExact(event_id), max(revision)"
                                + " FROM usage_corrections FINAL WHERE tenant = '" + TENANT + "'")
                        .equals(EVENTS + "\t" + EVENTS + "\t1"));
        assertThat(product.<UsageEvent>read(Topics.USAGE).stream()
                        .filter(event -> event.getTenant().equals(TENANT) && event.getRevision() > 1))
                .as("nothing is corrected twice")
                .isEmpty();
    }

    private void write() throws Exception {
        Random random = new Random(5);
        PriceBook prices = PriceBook.shipped();
        try (KafkaProducer<String, UsageEvent> producer = product.producer()) {
            for (int i = 0; i < EVENTS; i++) {
                UsageEvent event = TestEvents.event(TENANT, i % 5, hour.plusMillis(i), random);
                wrong = wrong.add(event.getCostUsd());
                right = right.add(prices.price(event).getCostUsd());
                producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), event.getApiKeyId(), event));
            }
        }
    }

    private JsonObject request() {
        return new JsonObject()
                .put("from", hour.toString())
                .put("tenant", TENANT)
                .put("reason", "the prices were made up");
    }

    private boolean isExact(BigDecimal usd) {
        JsonObject ledger = product.get(
                        "/api/v1/ledger-check?tenant=" + TENANT + "&from=" + hour + "&to=" + hour.plusSeconds(3600))
                .getJsonObject("data");
        return ledger.getBoolean("exact")
                && new BigDecimal(ledger.getJsonObject("events").getString("cost_usd")).compareTo(usd) == 0;
    }

    private Process start(URI api) throws IOException {
        Settings settings = product.standalone.settings();
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                QueryApiMain.class.getName());
        builder.environment()
                .putAll(Map.of(
                        "TOKENMETER_KAFKA_BOOTSTRAP_SERVERS", settings.required("kafka.bootstrap.servers"),
                        "TOKENMETER_KAFKA_SCHEMA_REGISTRY_URL", settings.required("kafka.schema.registry.url"),
                        "TOKENMETER_CLICKHOUSE_URL", settings.required("clickhouse.url"),
                        "TOKENMETER_CLICKHOUSE_PASSWORD", settings.required("clickhouse.password"),
                        "TOKENMETER_QUERY_API_PORT", Integer.toString(api.getPort()),
                        "TOKENMETER_QUERY_API_MANAGEMENT_PORT", "0"));
        return builder.redirectErrorStream(true)
                .redirectOutput(Path.of("target", "crash-query-api.log").toFile())
                .start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** The answer's {@code data}; an empty object where it has none. */
    private static JsonObject send(URI api, String method, String path, JsonObject body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(api.resolve(path))
                .header("content-type", "application/json")
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body.encode()))
                .build();
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(answer.statusCode() + " " + answer.body());
        }
        JsonObject data = new JsonObject(answer.body()).getJsonObject("data");
        return data == null ? new JsonObject() : data;
    }

    private String query(String sql) throws Exception {
        Settings settings = product.standalone.settings();
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(settings.required("clickhouse.url") + "/?database=tokenmeter"))
                .header("X-ClickHouse-User", "default")
                .header("X-ClickHouse-Key", settings.required("clickhouse.password"))
                .POST(HttpRequest.BodyPublishers.ofString(sql))
                .build();
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(answer.body());
        }
        return answer.body().strip();
    }
}
