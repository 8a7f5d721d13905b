package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of the outbox.
 *
 * @param dir its folder; one gateway process each
 * @param sync whether an event is on the disk itself before its answer ends: then it survives the machine's death at that
 *     moment, not only the process's
 * @param syncInterval how often what was written is brought to the disk itself, where {@code sync} is off; zero to leave it
 *     to the operating system
 * @param writeTimeout how long an answer waits for a disk that hangs
 * @param maxBytes bound on the events that wait in it, bytes
 * @param maxUnwrittenBytes bound on those of them that are in memory because the disk has not taken them yet
 * @param whenFull what happens at the bound
 * @param maxInFlight events sent and not yet acknowledged
 * @param flushTimeout how long a stop waits for the rest to be sent; what is left goes out after the next start
 * @param memoryDir folder on a memory file system in which events are safe from the process's death before the disk has
 *     them; null for none: then an answer waits for the disk's thread
 * @param memoryBytes room there for each event loop
 */
public record OutboxConfig(
        Path dir,
        boolean sync,
        Duration syncInterval,
        Duration writeTimeout,
        long maxBytes,
        long maxUnwrittenBytes,
        WhenFull whenFull,
        int maxInFlight,
        Duration flushTimeout,
        Path memoryDir,
        int memoryBytes) {
    /** What a gateway does whose outbox is full. */
    public enum WhenFull {
        /** Serve on; events that find no room are dropped and counted. */
        SERVE,
        /** Refuse billed calls with 503 until there is room. */
        REFUSE
    }

    /** Reads {@code gateway.outbox.*}. */
    public static OutboxConfig from(Settings settings) {
        String memory = settings.string("gateway.outbox.memory-dir", "");
        boolean sync = settings.bool("gateway.outbox.sync", false);
        if (sync && !memory.isEmpty()) {
            throw new SettingException(
                    "gateway.outbox.memory-dir",
                    memory,
                    "nothing while gateway.outbox.sync is true: memory does not survive a power cut");
        }
        return new OutboxConfig(
                Path.of(settings.string("gateway.outbox.dir", "data/gateway/outbox")),
                sync,
                settings.duration("gateway.outbox.sync-interval", Duration.ofSeconds(1)),
                settings.duration("gateway.outbox.write-timeout", Duration.ofSeconds(2)),
                settings.number("gateway.outbox.max-bytes", 1L << 30, 1 << 16, 1L << 50),
                settings.number("gateway.outbox.max-unwritten-bytes", 64L << 20, 1 << 10, 1L << 40),
                settings.oneOf("gateway.outbox.when-full", WhenFull.class, WhenFull.SERVE),
                settings.integer("gateway.outbox.max-in-flight", 2000, 1, 1_000_000),
                settings.duration("gateway.outbox.flush-timeout", Duration.ofSeconds(10)),
                memory.isEmpty() ? null : Path.of(memory),
                settings.integer("gateway.outbox.memory-bytes", 8 << 20, 1 << 16, 1 << 30));
    }
}
