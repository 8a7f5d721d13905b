package dev.tokenmeter.gateway.outbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** How much waits in the outbox, and since when. Thread-safe. */
final class OutboxGauge {
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final Clock clock;
    private final Counter dropped;
    private final Counter undeliverable;
    private volatile Instant oldest;

    OutboxGauge(MeterRegistry meters, Clock clock, long maxBytes) {
        this.clock = clock;
        Gauge.builder("tokenmeter.gateway.outbox.events", events, AtomicLong::doubleValue)
                .description("Events waiting to be acknowledged by Kafka")
                .register(meters);
        Gauge.builder("tokenmeter.gateway.outbox", bytes, AtomicLong::doubleValue)
                .baseUnit("bytes")
                .description("Bytes of the events that wait")
                .register(meters);
        Gauge.builder("tokenmeter.gateway.outbox.limit", () -> maxBytes)
                .baseUnit("bytes")
                .description("Bound on the bytes that may wait")
                .register(meters);
        Gauge.builder(
                        "tokenmeter.gateway.outbox.oldest.age",
                        this,
                        gauge -> gauge.oldestAge().toMillis() / 1000.0)
                .baseUnit("seconds")
                .description("Age of the oldest event that waits")
                .register(meters);
        dropped = Counter.builder("tokenmeter.gateway.outbox.dropped.events")
                .description("Events lost because the outbox was full or its disk failed")
                .register(meters);
        undeliverable = Counter.builder("tokenmeter.gateway.outbox.undeliverable.events")
                .description("Events put aside because Kafka will never take them")
                .register(meters);
    }

    void added(long size) {
        events.incrementAndGet();
        bytes.addAndGet(size);
    }

    void removed(long size) {
        events.decrementAndGet();
        bytes.addAndGet(-size);
    }

    void dropped() {
        dropped.increment();
    }

    void undeliverable() {
        undeliverable.increment();
    }

    /** @param occurredAt of the oldest event that waits; null when none does */
    void oldest(Instant occurredAt) {
        oldest = occurredAt;
    }

    Duration oldestAge() {
        Instant since = oldest;
        return since == null ? Duration.ZERO : Duration.between(since, clock.instant());
    }

    long events() {
        return events.get();
    }

    long bytes() {
        return bytes.get();
    }
}
