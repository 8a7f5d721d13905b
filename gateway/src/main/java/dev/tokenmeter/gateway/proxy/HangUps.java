package dev.tokenmeter.gateway.proxy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What becomes of answers whose clients have gone: how many are read to their end, and which. Thread-safe. */
final class HangUps {
    private final HangUpConfig config;
    private final Map<Attempt, Runnable> drains = new ConcurrentHashMap<>();
    private final Counter refused;
    private volatile boolean closed;

    HangUps(HangUpConfig config, MeterRegistry meters) {
        this.config = config;
        Gauge.builder("tokenmeter.gateway.drains", drains, Map::size)
                .description("Answers that are read to their end though their clients have gone")
                .register(meters);
        this.refused = Counter.builder("tokenmeter.gateway.drains.refused")
                .description("Answers that were cancelled because as many are drained as may be")
                .register(meters);
    }

    /**
     * Whether an attempt's answer may be read to its end; if so, {@link #drained} is to be called after.
     *
     * @param cancel ends it early; may be called from any thread
     */
    boolean drain(Attempt attempt, String provider, Runnable cancel) {
        if (closed || config.of(provider) != HangUpConfig.Policy.DRAIN) {
            return false;
        }
        if (drains.size() >= config.maxConcurrentDrains()) {
            refused.increment();
            return false;
        }
        drains.put(attempt, cancel);
        return true;
    }

    void drained(Attempt attempt) {
        drains.remove(attempt);
    }

    /** No further ones, from now on. */
    void close() {
        closed = true;
    }

    /** Ends those under way. */
    void cancelAll() {
        drains.values().forEach(Runnable::run);
    }
}
