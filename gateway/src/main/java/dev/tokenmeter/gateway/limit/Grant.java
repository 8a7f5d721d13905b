package dev.tokenmeter.gateway.limit;

import java.time.Duration;
import java.util.List;

/**
 * Whether a call may go out now.
 *
 * @param exhausted the limit in its way; null when it may
 * @param retryAfter when the limit in the way allows it, if nothing else is used meanwhile; zero when it may
 * @param reservedTokens set aside for it, until {@link RateLimits#settle}
 * @param levels where the limits that were asked stand
 */
public record Grant(Level exhausted, Duration retryAfter, long reservedTokens, List<Level> levels) {
    /** Nothing is limited. */
    public static final Grant UNLIMITED = new Grant(null, Duration.ZERO, 0, List.of());

    public boolean isGranted() {
        return exhausted == null;
    }
}
