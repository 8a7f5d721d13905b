package dev.tokenmeter.queryapi;

import dev.tokenmeter.pricefeed.PriceFeed;
import dev.tokenmeter.service.Health;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.storage.KafkaForTests;
import dev.tokenmeter.storage.clickhouse.ClickHouseForTests;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.awaitility.Awaitility;

/** The query API on a real broker, registry and engine, at a time that stands unless it is moved. */
final class ApiForTests implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-11-23T10:30:00Z");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    final KafkaForTests kafka;
    final ClickHouseForTests db;
    final PriceFeed prices;
    final MovableClock clock;
    private final QueryApiService service;
    private final String token;

    private ApiForTests(
            KafkaForTests kafka,
            ClickHouseForTests db,
            PriceFeed prices,
            MovableClock clock,
            QueryApiService service,
            String token) {
        this.kafka = kafka;
        this.clock = clock;
        this.prices = prices;
        this.db = db;
        this.service = service;
        this.token = token;
    }

    static ApiForTests start(Map<String, String> settings) throws Exception {
        KafkaForTests kafka = new KafkaForTests();
        ClickHouseForTests db = ClickHouseForTests.migrated();
        Map<String, String> values = new HashMap<>(kafka.settings());
        values.put("clickhouse.url", db.config().url().toString());
        values.put("clickhouse.database", db.config().database());
        values.put("query-api.port", "0");
        values.putAll(settings);
        Health health = new Health();
        ServiceContext context = new ServiceContext(kafka.kafka(), new SimpleMeterRegistry(), health);
        Settings all = Settings.of(values);
        PriceFeed prices = new PriceFeed(all, context, "query-api");
        MovableClock clock = new MovableClock();
        QueryApiService service = new QueryApiService(QueryApiConfig.from(all), context, prices, clock);
        service.start();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> health.ready().values().stream().allMatch(Health.Status::up));
        return new ApiForTests(kafka, db, prices, clock, service, null);
    }

    /** Settings of a token whose text is its name and {@code -token}. */
    static Map<String, String> token(String name, String tenant, String role) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest((name + "-token").getBytes(StandardCharsets.UTF_8));
        String prefix = "query-api.tokens." + name;
        return Map.of(
                prefix + ".sha256", HexFormat.of().formatHex(hash),
                prefix + ".tenant", tenant,
                prefix + ".role", role);
    }

    /** The same API, asked with a token. */
    ApiForTests as(String bearer) {
        return new ApiForTests(kafka, db, prices, clock, service, bearer);
    }

    static final class MovableClock extends Clock {
        private volatile Instant now = NOW;

        void move(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    int port() {
        return service.port();
    }

    record Answer(int status, Map<String, String> headers, String body) {
        JsonObject json() {
            return new JsonObject(body);
        }
    }

    Answer send(String method, String path, JsonObject body) throws Exception {
        return send(
                method, path, body == null ? null : body.encode().getBytes(StandardCharsets.UTF_8), "application/json");
    }

    /** Posts a file. */
    Answer upload(String path, byte[] file, String mediaType) throws Exception {
        return send("POST", path, file, mediaType);
    }

    private Answer send(String method, String path, byte[] body, String mediaType) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path));
        request.method(
                method,
                body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body));
        if (body != null) {
            request.header("Content-Type", mediaType);
        }
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        Map<String, String> headers = new HashMap<>();
        response.headers().map().forEach((name, all) -> headers.put(name, all.get(0)));
        return new Answer(response.statusCode(), headers, response.body());
    }

    Answer get(String path) throws Exception {
        return send("GET", path, null);
    }

    JsonArray rows(String path) throws Exception {
        return get(path).json().getJsonArray("data");
    }

    JsonObject data(String path) throws Exception {
        return get(path).json().getJsonObject("data");
    }

    /** The status of a GET with headers that an HTTP client would not let us set. */
    int rawStatus(String path, String... headers) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port())) {
            String request =
                    "GET " + path + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Integer.parseInt(answer.split(" ")[1]);
        }
    }

    @Override
    public void close() throws Exception {
        service.close();
        db.close();
        kafka.close();
    }
}
