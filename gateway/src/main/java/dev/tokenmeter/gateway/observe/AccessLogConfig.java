package dev.tokenmeter.gateway.observe;

import dev.tokenmeter.service.Settings;
import java.nio.file.Path;

/**
 * Settings of the access log.
 *
 * @param enabled whether there is one
 * @param file where it is written; null for standard output
 * @param maxFileBytes at this size, and each midnight UTC, a new file is begun
 * @param maxTotalBytes bound on all files together; the oldest go first
 * @param maxDays how long files are kept
 * @param queue lines that may wait to be written
 */
record AccessLogConfig(boolean enabled, Path file, long maxFileBytes, long maxTotalBytes, int maxDays, int queue) {
    static AccessLogConfig from(Settings settings) {
        return new AccessLogConfig(
                settings.bool("gateway.access-log.enabled", false),
                settings.optional("gateway.access-log.file").map(Path::of).orElse(null),
                settings.number("gateway.access-log.max-file-bytes", 100L << 20, 1 << 10, 1L << 40),
                settings.number("gateway.access-log.max-total-bytes", 1L << 30, 1 << 10, 1L << 50),
                settings.integer("gateway.access-log.max-days", 30, 1, 3660),
                settings.integer("gateway.access-log.queue", 8192, 1, 10_000_000));
    }
}
