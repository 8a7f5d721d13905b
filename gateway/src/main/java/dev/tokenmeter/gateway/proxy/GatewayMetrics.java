package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the gateway shows of its traffic. Names follow OpenTelemetry's conventions for generative AI where those have one.
 * Models are told apart up to a bound, and only those that a provider answered for, since callers choose the names of
 * the others. Thread-safe.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/">GenAI metrics</a>
 */
final class GatewayMetrics {
    private static final String OTHER = "other";

    private record Key(String provider, String operation, String model, String status) {}

    private record Meters(
            Timer duration, Timer firstToken, Map<Boolean, Counter> tokens, Counter cost, Counter unpriced) {}

    private final MeterRegistry registry;
    private final int maxModels;
    private final Set<String> models = ConcurrentHashMap.newKeySet();
    private final Map<Key, Meters> meters = new ConcurrentHashMap<>();
    private final Timer overhead;
    private final Counter unreadable;
    private final Counter unmeterable;
    private final AtomicInteger active = new AtomicInteger();

    GatewayMetrics(MeterRegistry registry, int maxModels) {
        this.registry = registry;
        this.maxModels = maxModels;
        registry.gauge("tokenmeter.gateway.active.requests", active);
        overhead = Timer.builder("tokenmeter.gateway.overhead")
                .description("Time of a call that went neither to the provider nor to the client")
                .serviceLevelObjectives(
                        micros(50),
                        micros(100),
                        micros(200),
                        micros(500),
                        micros(1000),
                        micros(2000),
                        micros(5000),
                        micros(10_000),
                        micros(50_000))
                .register(registry);
        unmeterable = Counter.builder("tokenmeter.gateway.unmeterable.calls")
                .description("Billed calls of which no event could be made; each is an error in the log")
                .register(registry);
        unreadable = Counter.builder("tokenmeter.gateway.unreadable.answers")
                .description("Billed answers whose usage could not be read: too long, compressed, or no JSON")
                .register(registry);
    }

    private static Duration micros(long micros) {
        return Duration.of(micros, java.time.temporal.ChronoUnit.MICROS);
    }

    void started() {
        active.incrementAndGet();
    }

    void ended(CallClock clock) {
        active.decrementAndGet();
        overhead.record(clock.ownNanos(), TimeUnit.NANOSECONDS);
    }

    /** Calls that have begun and are not metered yet. */
    int active() {
        return active.get();
    }

    void unreadable() {
        unreadable.increment();
    }

    void unmeterable() {
        unmeterable.increment();
    }

    /** Counts a call that was refused before it went out. */
    void refused(String provider, String code) {
        registry.counter("tokenmeter.gateway.refused.requests", "provider", provider, "reason", code)
                .increment();
    }

    /** Counts an attempt after which the call was tried again. */
    void retried(String provider, String reason) {
        registry.counter("tokenmeter.gateway.retries", "provider", provider, "reason", reason)
                .increment();
    }

    /** Counts a call that bills nothing. */
    void unmetered(String provider, Integer status) {
        registry.counter("tokenmeter.gateway.unmetered.requests", "provider", provider, "status", statusClass(status))
                .increment();
    }

    /** Counts a call of a batch whose output was fetched, each time that it is. */
    void batched(String provider) {
        registry.counter("tokenmeter.gateway.batch.results", "provider", provider)
                .increment();
    }

    /** Counts a metered call. */
    void metered(UsageEvent event) {
        Key key = new Key(event.getProvider(), event.getOperation(), model(event), statusClass(event.getHttpStatus()));
        Meters of = meters.computeIfAbsent(key, this::register);
        of.duration.record(event.getLatencyMs(), TimeUnit.MILLISECONDS);
        if (event.getTimeToFirstTokenMs() != null) {
            of.firstToken.record(event.getTimeToFirstTokenMs(), TimeUnit.MILLISECONDS);
        }
        for (TokenKind kind : TokenKind.values()) {
            of.tokens.get(kind.isInput()).increment(kind.of(event));
        }
        if (event.getCostUsd() == null) {
            of.unpriced.increment();
        } else {
            of.cost.increment(event.getCostUsd().doubleValue());
        }
    }

    private String model(UsageEvent event) {
        String model = event.getModel();
        if (models.contains(model)) {
            return model;
        }
        boolean answered = event.getHttpStatus() != null && event.getHttpStatus() < 300;
        return answered && models.size() < maxModels && models.add(model) ? model : OTHER;
    }

    private static String statusClass(Integer status) {
        return status == null ? "none" : status / 100 + "xx";
    }

    private Meters register(Key key) {
        Tags call = Tags.of(
                "gen_ai.provider.name", key.provider,
                "gen_ai.operation.name", key.operation,
                "gen_ai.response.model", key.model);
        Tags answer = call.and("status", key.status);
        return new Meters(
                histogram("gen_ai.client.operation.duration", "Latency of calls, as the client sees it", answer),
                histogram("gen_ai.server.time_to_first_token", "Time to the first byte of the answer's body", answer),
                Map.of(true, tokens(call, "input"), false, tokens(call, "output")),
                Counter.builder("tokenmeter.gateway.cost")
                        .baseUnit("usd")
                        .description("Cost of calls; approximate, the exact figures are in the events")
                        .tags(call)
                        .register(registry),
                Counter.builder("tokenmeter.gateway.unpriced.requests")
                        .description("Calls without a known price")
                        .tags(call)
                        .register(registry));
    }

    private Counter tokens(Tags call, String type) {
        return Counter.builder("tokenmeter.gateway.tokens")
                .description("Tokens by type")
                .tags(call.and("gen_ai.token.type", type))
                .register(registry);
    }

    private Timer histogram(String name, String description, Tags tags) {
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(
                        Duration.ofMillis(10),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(250),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofMillis(2500),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(300))
                .register(registry);
    }
}
