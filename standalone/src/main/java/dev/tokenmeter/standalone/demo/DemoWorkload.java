package dev.tokenmeter.standalone.demo;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls the gateway as {@link Persona}s would, a few times a second, until closed. */
final class DemoWorkload implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DemoWorkload.class);
    private static final int MAX_IN_FLIGHT = 32;
    private static final int CALLS_PER_SECOND = 4;

    private final URI gateway;
    private final Map<String, DemoApi.Key> keys;
    private final Random random = new Random();
    private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "demo-workload");
        thread.setDaemon(true);
        return thread;
    });

    DemoWorkload(URI gateway, Map<String, DemoApi.Key> keys) {
        this.gateway = gateway;
        this.keys = keys;
    }

    void start() {
        clock.scheduleAtFixedRate(this::call, 0, 1000 / CALLS_PER_SECOND, TimeUnit.MILLISECONDS);
    }

    private void call() {
        if (!inFlight.tryAcquire()) {
            return;
        }
        http.sendAsync(request(pick()), HttpResponse.BodyHandlers.discarding()).whenComplete((answer, failure) -> {
            inFlight.release();
            if (failure != null) {
                LOG.debug("demo call failed", failure);
            }
        });
    }

    private Persona pick() {
        int total = Persona.ALL.stream().mapToInt(Persona::weight).sum();
        int point = random.nextInt(total);
        for (Persona persona : Persona.ALL) {
            point -= persona.weight();
            if (point < 0) {
                return persona;
            }
        }
        throw new AssertionError("weights do not add up");
    }

    private HttpRequest request(Persona persona) {
        String path = persona.provider().equals("anthropic")
                ? "/anthropic/v1/messages"
                : persona.isEmbedding() ? "/openai/v1/embeddings" : "/openai/v1/chat/completions";
        return HttpRequest.newBuilder(gateway.resolve(path))
                .timeout(Duration.ofSeconds(30))
                .header("content-type", "application/json")
                .header("authorization", "Bearer " + keys.get(persona.tenant()).secret())
                .header("x-tokenmeter-tags", new JsonObject(Map.copyOf(persona.tags())).encode())
                .POST(HttpRequest.BodyPublishers.ofString(body(persona).encode()))
                .build();
    }

    private JsonObject body(Persona persona) {
        String prompt = text(around(persona.inputTokens()));
        JsonObject body = new JsonObject().put("model", persona.model());
        if (persona.isEmbedding()) {
            return body.put("input", prompt);
        }
        body.put("max_tokens", around(persona.outputTokens())).put("stream", persona.streamed());
        body.put(
                "messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", prompt)));
        if (persona.cachedTokens() > 0) {
            JsonObject system = new JsonObject()
                    .put("type", "text")
                    .put("text", text(persona.cachedTokens()))
                    .put("cache_control", new JsonObject().put("type", "ephemeral"));
            body.put("system", new JsonArray().add(system));
        }
        return body;
    }

    private int around(int mean) {
        return Math.max(1, (int) (mean * (0.5 + random.nextDouble())));
    }

    private static String text(int tokens) {
        return "word".repeat(tokens);
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
