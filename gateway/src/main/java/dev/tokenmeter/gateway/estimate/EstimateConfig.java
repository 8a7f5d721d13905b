package dev.tokenmeter.gateway.estimate;

import dev.tokenmeter.service.Settings;
import java.time.Duration;

/**
 * Settings of estimates.
 *
 * @param workers threads that count
 * @param maxQueued calls that wait to be counted; further ones are estimated by their bytes
 * @param maxWait how long a call waits for its count, and with it the end of its answer; then it is estimated by its bytes
 * @param maxBytesPerCall of a request, and of an answer, that are kept until the call ends; the rest is extrapolated
 * @param maxBytes kept by all calls together; beyond it calls keep nothing more
 */
public record EstimateConfig(int workers, int maxQueued, Duration maxWait, int maxBytesPerCall, long maxBytes) {
    /** Reads {@code gateway.estimates.*}. */
    public static EstimateConfig from(Settings settings) {
        return new EstimateConfig(
                settings.integer("gateway.estimates.workers", 1, 1, 256),
                settings.integer("gateway.estimates.max-queued", 256, 1, 1_000_000),
                settings.duration("gateway.estimates.max-wait", Duration.ofSeconds(2)),
                settings.integer("gateway.estimates.max-bytes-per-call", 256 << 10, 0, 64 << 20),
                settings.number("gateway.estimates.max-bytes", 64 << 20, 0, 1L << 40));
    }
}
