package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.observe.GenAiMetrics;
import dev.tokenmeter.schemas.UsageEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the gateway shows of itself, and through {@link GenAiMetrics} of the calls that it metered. Thread-safe.
 */
final class GatewayMetrics {
    private final MeterRegistry registry;
    private final GenAiMetrics calls;
    private final Timer overhead;
    private final Counter unreadable;
    private final Counter unmeterable;
    private final AtomicInteger active = new AtomicInteger();

    GatewayMetrics(MeterRegistry registry, int maxModels) {
        this.registry = registry;
        calls = new GenAiMetrics(registry, maxModels);
        Gauge.builder("tokenmeter.gateway.active.requests", active, AtomicInteger::doubleValue)
                .description("Calls under way")
                .register(registry);
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
        Counter.builder("tokenmeter.gateway.refused.requests")
                .description("Calls that the gateway refused, by reason")
                .tag("provider", provider)
                .tag("reason", code)
                .register(registry)
                .increment();
    }

    /** Counts an attempt after which the call was tried again. */
    void retried(String provider, String reason) {
        registry.counter("tokenmeter.gateway.retries", "provider", provider, "reason", reason)
                .increment();
    }

    /** Counts a call that bills nothing. */
    void unmetered(String provider, Integer status) {
        Counter.builder("tokenmeter.gateway.unmetered.requests")
                .description("Calls that bill nothing and leave no event")
                .tag("provider", provider)
                .tag("status", status == null ? "none" : status / 100 + "xx")
                .register(registry)
                .increment();
    }

    /** Counts a call of a batch whose output was fetched, each time that it is. */
    void batched(String provider) {
        registry.counter("tokenmeter.gateway.batch.results", "provider", provider)
                .increment();
    }

    /** Counts a metered call. */
    void metered(UsageEvent event, URI server) {
        calls.metered(event, server);
    }
}
