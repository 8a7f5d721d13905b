package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.service.Settings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of the outbox.
 *
 * @param dir its folder; one gateway process each
 * @param sync whether a write survives the machine's death, not only the process's
 * @param maxBytes bound on the events that wait in it, bytes
 * @param whenFull what happens at the bound
 * @param maxInFlight events sent and not yet acknowledged
 * @param flushTimeout how long a stop waits for the rest to be sent; what is left goes out after the next start
 */
public record OutboxConfig(
        Path dir, boolean sync, long maxBytes, WhenFull whenFull, int maxInFlight, Duration flushTimeout) {
    /** What a gateway does whose outbox is full. */
    public enum WhenFull {
        /** Serve on; events that find no room are dropped and counted. */
        SERVE,
        /** Refuse billed calls with 503 until there is room. */
        REFUSE
    }

    /** Reads {@code gateway.outbox.*}. */
    public static OutboxConfig from(Settings settings) {
        return new OutboxConfig(
                Path.of(settings.string("gateway.outbox.dir", "data/gateway/outbox")),
                settings.bool("gateway.outbox.sync", true),
                settings.number("gateway.outbox.max-bytes", 1L << 30, 1 << 16, 1L << 50),
                settings.oneOf("gateway.outbox.when-full", WhenFull.class, WhenFull.SERVE),
                settings.integer("gateway.outbox.max-in-flight", 2000, 1, 1_000_000),
                settings.duration("gateway.outbox.flush-timeout", Duration.ofSeconds(10)));
    }
}
