package dev.tokenmeter.gateway.proxy;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What may be held of all requests' bodies together, so that no number of callers takes all memory. Taken as the bytes come, given
 * back when they have gone. Thread-safe.
 */
final class HeldBytes {
    private final long max;
    private final AtomicLong held = new AtomicLong();

    /** @param max bytes */
    HeldBytes(long max, MeterRegistry meters) {
        this.max = max;
        Gauge.builder("tokenmeter.gateway.held.request.bytes", held, AtomicLong::doubleValue)
                .description("Bytes of requests' bodies that are held in memory")
                .strongReference(true)
                .register(meters);
        Gauge.builder("tokenmeter.gateway.held.request.limit.bytes", () -> max)
                .description("Bound on them")
                .register(meters);
    }

    /** Takes so many, unless that would be too many. */
    boolean take(long bytes) {
        if (held.addAndGet(bytes) <= max) {
            return true;
        }
        held.addAndGet(-bytes);
        return false;
    }

    /** Gives back what was taken. */
    void give(long bytes) {
        held.addAndGet(-bytes);
    }
}
