package dev.tokenmeter.gateway;

import static org.awaitility.Awaitility.await;

import dev.tokenmeter.gateway.attribution.KeyDirectory;
import dev.tokenmeter.gateway.batch.BatchDirectory;
import dev.tokenmeter.gateway.cap.BudgetDirectory;
import dev.tokenmeter.pricing.Pricer;
import dev.tokenmeter.schemas.ApiKey;
import dev.tokenmeter.schemas.Batch;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.Health;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.Settings;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A gateway before an {@link Upstream}, with keys of the test's and a sink in memory. */
final class TestGateway implements AutoCloseable {
    static final BigDecimal COST = new BigDecimal("0.000000000123");
    static final Pricer PRICER =
            event -> UsageEvent.newBuilder(event).setCostUsd(COST).build();

    final Upstream upstream = new Upstream();
    final RecordingSink sink = new RecordingSink();
    final KeyDirectory keys = new KeyDirectory();
    final BudgetDirectory budgets = new BudgetDirectory(Clock.systemUTC());
    final BatchDirectory batches = new BatchDirectory(1000);
    /** Takes the place of the topic; a test may let other gateways know. */
    volatile Consumer<Batch> batchLog = batch -> {};

    final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    final Health health = new Health();
    final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    final GatewayService service;

    TestGateway(Path dir, String... settings) throws Exception {
        this(dir, PRICER, settings);
    }

    /** {@code {upstream}} in a setting is the upstream's address. With budgets of the test's, which are known unless a test says otherwise. */
    TestGateway(Path dir, Pricer pricer, String... settings) throws Exception {
        Map<String, String> all = new HashMap<>(Map.of(
                "gateway.port", "0",
                "gateway.gateway-id", "gw-test",
                "gateway.outbox.dir", dir.resolve("outbox").toString(),
                "gateway.outbox.flush-timeout", "500ms",
                "gateway.drain-timeout", "2s",
                "providers.openai.base-url", "http://127.0.0.1:" + upstream.port() + "/v1",
                "providers.openai.api-key", "sk-configured",
                "providers.anthropic.base-url", "http://127.0.0.1:" + upstream.port(),
                "providers.anthropic.api-key", "sk-ant-configured"));
        all.put("providers.gemini.base-url", "http://127.0.0.1:" + upstream.port());
        all.put("providers.gemini.api-key", "AIza-configured");
        all.put("providers.openrouter.base-url", "http://127.0.0.1:" + upstream.port() + "/api/v1");
        all.put("gateway.estimates.max-wait", "20s"); // each gateway loads the vocabulary first
        all.put("kafka.bootstrap.servers", "127.0.0.1:1");
        all.put("kafka.schema.registry.url", "http://127.0.0.1:1");
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1].replace("{upstream}", "127.0.0.1:" + upstream.port()));
        }
        Settings read = Settings.of(all);
        ServiceContext context = new ServiceContext(KafkaSettings.from(read), meters, health);
        keys.markCaughtUp();
        if (!"false".equals(all.remove("test.budgets-known"))) {
            budgets.definitions().markCaughtUp();
            budgets.statuses().markCaughtUp();
        }
        service = new GatewayService(
                GatewayConfig.from(read),
                context,
                pricer,
                keys,
                budgets,
                batches,
                () -> sink,
                batch -> batchLog.accept(batch));
        service.start();
    }

    String url(String path) {
        return "http://127.0.0.1:" + service.port() + path;
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url(path)))
                .timeout(Duration.ofSeconds(60))
                .header("content-type", "application/json");
    }

    HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofString(body));
        return http.send(
                headers.length == 0 ? request.build() : request.headers(headers).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Adds a virtual key. */
    void key(String secret, String tenant, Map<String, String> tags, boolean enabled, Instant expiresAt)
            throws Exception {
        keys.put(key(secret, tenant)
                .setTags(tags)
                .setEnabled(enabled)
                .setExpiresAt(expiresAt)
                .build());
    }

    /** A virtual key to be completed and put. */
    static ApiKey.Builder key(String secret, String tenant) throws Exception {
        return ApiKey.newBuilder()
                .setApiKeyId("key_" + tenant)
                .setKeyHash(sha256(secret))
                .setTenant(tenant)
                .setName(tenant)
                .setCreatedAt(Instant.now());
    }

    static String sha256(String secret) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash);
    }

    /** Adds a virtual key of the tenant acme that is bound to providers and their keys. */
    void boundKey(String secret, List<String> providers, Map<String, String> providerKeys) throws Exception {
        keys.put(key(secret, "acme")
                .setApiKeyId("key_" + secret)
                .setAllowedProviders(providers)
                .setProviderKeys(providerKeys)
                .build());
    }

    /** The only event. */
    UsageEvent event() {
        await().until(() -> !sink.events().isEmpty());
        if (sink.events().size() != 1) {
            throw new AssertionError("expected one event, found " + sink.events());
        }
        return sink.events().get(0);
    }

    @Override
    public void close() {
        service.close();
        upstream.close();
    }
}
