package dev.tokenmeter.gateway.limit;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One key's buckets: each holds a minute's worth at most and fills steadily. What a call uses beyond its reservation is
 * owed, up to a minute's worth, so two minutes after its last use a bucket is full. Thread-safe.
 */
final class KeyLimiter {
    private final Limits limits;
    private final Bucket requests;
    private final Bucket tokens;
    private volatile long lastUsedNanos;

    KeyLimiter(Limits limits, TimeMeter time) {
        this.limits = limits;
        this.requests = limits.requestsPerMinute() == null ? null : bucket(limits.requestsPerMinute(), time);
        this.tokens = limits.tokensPerMinute() == null ? null : bucket(limits.tokensPerMinute(), time);
    }

    private static Bucket bucket(long perMinute, TimeMeter time) {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, Duration.ofMinutes(1)))
                .withCustomTimePrecision(time)
                .build();
    }

    Limits limits() {
        return limits;
    }

    long lastUsedNanos() {
        return lastUsedNanos;
    }

    /** @param wanted tokens; 0 for a call that uses none */
    Grant take(long wanted, long now) {
        lastUsedNanos = now;
        List<Level> levels = new ArrayList<>(2);
        if (requests != null) {
            ConsumptionProbe probe = requests.tryConsumeAndReturnRemaining(1);
            levels.add(Level.of(Level.Kind.REQUESTS, limits.requestsPerMinute(), probe));
            if (!probe.isConsumed()) {
                return refused(probe, levels);
            }
        }
        if (tokens == null || wanted == 0) {
            return new Grant(null, Duration.ZERO, 0, levels);
        }
        // a call that may use more than the limit by itself waits for a full bucket, not for ever
        long reserved = Math.min(wanted, limits.tokensPerMinute());
        ConsumptionProbe probe = tokens.tryConsumeAndReturnRemaining(reserved);
        levels.add(Level.of(Level.Kind.TOKENS, limits.tokensPerMinute(), probe));
        if (!probe.isConsumed()) {
            if (requests != null) {
                requests.addTokens(1); // it did not go out
            }
            return refused(probe, levels);
        }
        return new Grant(null, Duration.ZERO, reserved, levels);
    }

    private static Grant refused(ConsumptionProbe probe, List<Level> levels) {
        Duration wait = Duration.ofNanos(probe.getNanosToWaitForRefill());
        return new Grant(levels.get(levels.size() - 1), wait, 0, levels);
    }

    void settle(long reserved, long used, long now) {
        lastUsedNanos = now;
        if (tokens == null || used == reserved) {
            return;
        } else if (used < reserved) {
            tokens.addTokens(reserved - used);
        } else {
            long most = Math.max(0, tokens.getAvailableTokens() + limits.tokensPerMinute());
            long owed = Math.min(used - reserved, most);
            if (owed > 0) {
                tokens.consumeIgnoringRateLimits(owed);
            }
        }
    }
}
