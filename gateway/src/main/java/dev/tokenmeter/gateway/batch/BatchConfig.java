package dev.tokenmeter.gateway.batch;

import dev.tokenmeter.service.Settings;
import java.time.Duration;

/**
 * Settings of batches.
 *
 * @param maxKnown batches, and responses in the background, whose submitter is known at once, the latest
 * @param maxBackground responses in the background for which something is set aside at once, the latest
 * @param holdBackground how long it is, at least, for one that nobody retrieves
 */
public record BatchConfig(int maxKnown, int maxBackground, Duration holdBackground) {
    /** Reads {@code gateway.batches.*}. */
    public static BatchConfig from(Settings settings) {
        return new BatchConfig(
                settings.integer("gateway.batches.max-known", 100_000, 1, 10_000_000),
                settings.integer("gateway.batches.max-background", 10_000, 1, 10_000_000),
                settings.duration("gateway.batches.hold-background", Duration.ofHours(1)));
    }
}
