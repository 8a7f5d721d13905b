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
    private final AtomicLong unwritten = new AtomicLong();
    private final Clock clock;
    private final Counter dropped;
    private final Counter undeliverable;
    private final Counter overdue;
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
        Gauge.builder("tokenmeter.gateway.outbox.unwritten", unwritten, AtomicLong::doubleValue)
                .baseUnit("bytes")
                .description("Bytes of the events that are in memory because the disk has not taken them yet")
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
        overdue = Counter.builder("tokenmeter.gateway.outbox.overdue.events")
                .description(
                        "Events whose answer ended before they were written, because the disk did not take them in time")
                .register(meters);
        undeliverable = Counter.builder("tokenmeter.gateway.outbox.undeliverable.events")
                .description("Events put aside because Kafka will never take them")
                .register(meters);
    }

    /** An event is there, on the disk. */
    void added(long size) {
        events.incrementAndGet();
        bytes.addAndGet(size);
    }

    /** An event is there, and on its way to the disk. */
    void handedOver(long size) {
        added(size);
        unwritten.addAndGet(size);
    }

    /** Events have come to the disk, or were refused by it. */
    void leftMemory(long size) {
        unwritten.addAndGet(-size);
    }

    void removed(long size) {
        events.decrementAndGet();
        bytes.addAndGet(-size);
    }

    void dropped() {
        dropped.increment();
    }

    void overdue(int count) {
        overdue.increment(count);
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

    long unwrittenBytes() {
        return unwritten.get();
    }
}
