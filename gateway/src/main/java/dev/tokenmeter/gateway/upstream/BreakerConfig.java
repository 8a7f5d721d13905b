package dev.tokenmeter.gateway.upstream;

import dev.tokenmeter.service.Settings;
import java.time.Duration;

/**
 * When an address is taken out of use for a while.
 *
 * @param enabled whether it ever is
 * @param failureRate at this share of failed calls, percent
 * @param minCalls but not before so many calls within the window
 * @param window in which calls count
 * @param openFor how long it is left alone before one call tries it again
 */
public record BreakerConfig(boolean enabled, int failureRate, int minCalls, Duration window, Duration openFor) {
    /**
     * Reads {@code circuit-breaker.*}.
     *
     * @param prefix of the provider's settings, with its dot
     */
    public static BreakerConfig from(Settings settings, String prefix) {
        String breaker = prefix + "circuit-breaker.";
        return new BreakerConfig(
                settings.bool(breaker + "enabled", true),
                settings.integer(breaker + "failure-rate", 50, 1, 100),
                settings.integer(breaker + "min-calls", 20, 1, 1_000_000),
                settings.duration(breaker + "window", Duration.ofSeconds(30)),
                settings.duration(breaker + "open-for", Duration.ofSeconds(10)));
    }
}
