package dev.tokenmeter.storage.sink;

import dev.tokenmeter.service.ConsumerGroups;
import dev.tokenmeter.service.Settings;
import java.time.Duration;

/**
 * How the sink batches and retries.
 *
 * @param groupId consumer group
 * @param maxBatchRows rows that make a batch full; also what bounds memory
 * @param maxBatchDelay how long a row may wait for its batch to fill
 * @param maxBacklogDelay the same while more rows than a batch holds wait to be read
 * @param minBackOff pause after the first failed insert
 * @param maxBackOff longest pause between retries, which go on for ever
 */
public record SinkConfig(
        String groupId,
        int maxBatchRows,
        Duration maxBatchDelay,
        Duration maxBacklogDelay,
        Duration minBackOff,
        Duration maxBackOff) {

    /** Reads {@code storage.group-id} and {@code storage.sink.*}. */
    public static SinkConfig from(Settings settings) {
        return new SinkConfig(
                groupId(settings),
                settings.integer("storage.sink.max-batch-rows", 25_000, 1, 1_000_000),
                settings.duration("storage.sink.max-batch-delay", Duration.ofMillis(500)),
                settings.duration("storage.sink.max-backlog-delay", Duration.ofSeconds(5)),
                settings.duration("storage.sink.min-back-off", Duration.ofMillis(200)),
                settings.duration("storage.sink.max-back-off", Duration.ofSeconds(30)));
    }

    /** Reads {@code storage.group-id}, which tells others what is stored. */
    public static String groupId(Settings settings) {
        return settings.string("storage.group-id", ConsumerGroups.STORAGE);
    }
}
