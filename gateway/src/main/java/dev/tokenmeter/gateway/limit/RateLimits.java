package dev.tokenmeter.gateway.limit;

import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The limits of all keys on this gateway. Another gateway has its own, so a fleet of n lets through n times a limit. Memory
 * grows with the keys used in the last minutes. Thread-safe; does not block.
 */
public final class RateLimits {
    private static final long SWEEP_NANOS = Duration.ofMinutes(1).toNanos();
    /** More than a bucket takes from its deepest debt to full: then none is the same as a new one. */
    private static final long IDLE_NANOS = Duration.ofMinutes(3).toNanos();

    private final Map<String, KeyLimiter> limiters = new ConcurrentHashMap<>();
    private final Map<Level.Kind, Counter> refused = new EnumMap<>(Level.Kind.class);
    private final TimeMeter time;
    private final AtomicLong nextSweep;

    public RateLimits(MeterRegistry meters) {
        this(meters, TimeMeter.SYSTEM_NANOTIME);
    }

    RateLimits(MeterRegistry meters, TimeMeter time) {
        this.time = time;
        this.nextSweep = new AtomicLong(time.currentTimeNanos() + SWEEP_NANOS);
        for (Level.Kind kind : Level.Kind.values()) {
            refused.put(
                    kind,
                    Counter.builder("tokenmeter.gateway.rate.limited.requests")
                            .description("Calls refused because their key had used up its limit a minute")
                            .tag("limit", kind.name().toLowerCase(Locale.ROOT))
                            .register(meters));
        }
        Gauge.builder("tokenmeter.gateway.rate.limited.keys", limiters, Map::size)
                .description("Keys with a limit that were used in the last minutes")
                .strongReference(true)
                .register(meters);
    }

    /**
     * Takes a request and so many tokens from what the key may use, or nothing of either.
     *
     * @param tokens that the call may use; 0 for one that uses none
     */
    public Grant take(Limits limits, long tokens) {
        if (limits.isNone()) {
            return Grant.UNLIMITED;
        }
        long now = time.currentTimeNanos();
        sweep(now);
        Grant grant = limiter(limits).take(tokens, now);
        if (!grant.isGranted()) {
            refused.get(grant.exhausted().kind()).increment();
        }
        return grant;
    }

    /**
     * Puts what a call used in the place of what was set aside for it.
     *
     * @param reserved tokens
     * @param used tokens
     */
    public void settle(Limits limits, long reserved, long used) {
        KeyLimiter limiter = limiters.get(limits.apiKeyId());
        if (limiter != null) {
            limiter.settle(reserved, used, time.currentTimeNanos());
        }
    }

    /** With limits that were changed, a key begins anew. */
    private KeyLimiter limiter(Limits limits) {
        KeyLimiter known = limiters.get(limits.apiKeyId());
        return known != null && known.limits().equals(limits)
                ? known
                : limiters.compute(
                        limits.apiKeyId(),
                        (id, old) -> old != null && old.limits().equals(limits) ? old : new KeyLimiter(limits, time));
    }

    private void sweep(long now) {
        long due = nextSweep.get();
        if (now - due >= 0 && nextSweep.compareAndSet(due, now + SWEEP_NANOS)) {
            limiters.values().removeIf(limiter -> now - limiter.lastUsedNanos() > IDLE_NANOS);
        }
    }
}
