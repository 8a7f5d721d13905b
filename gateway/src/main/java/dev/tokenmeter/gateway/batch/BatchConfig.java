package dev.tokenmeter.gateway.batch;

import dev.tokenmeter.service.Settings;

/**
 * Settings of batches.
 *
 * @param maxKnown batches whose submitter is known at once, the latest
 */
public record BatchConfig(int maxKnown) {
    /** Reads {@code gateway.batches.*}. */
    public static BatchConfig from(Settings settings) {
        return new BatchConfig(settings.integer("gateway.batches.max-known", 100_000, 1, 10_000_000));
    }
}
