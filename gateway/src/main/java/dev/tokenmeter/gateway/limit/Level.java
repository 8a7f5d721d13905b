package dev.tokenmeter.gateway.limit;

import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;

/**
 * Where one limit stands.
 *
 * @param limit a minute
 * @param remaining what may be used at once; not negative
 * @param untilFull until all of the limit may be used at once, if nothing is used meanwhile
 */
public record Level(Kind kind, long limit, long remaining, Duration untilFull) {
    /** What is limited. */
    public enum Kind {
        REQUESTS,
        TOKENS
    }

    static Level of(Kind kind, long limit, ConsumptionProbe probe) {
        return new Level(
                kind, limit, Math.max(0, probe.getRemainingTokens()), Duration.ofNanos(probe.getNanosToWaitForReset()));
    }
}
