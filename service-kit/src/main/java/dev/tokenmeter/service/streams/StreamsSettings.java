package dev.tokenmeter.service.streams;

import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * What an operator may set of a Kafka Streams application, under Kafka's own names below the service's section. Exactly
 * once is not a choice: the ledger depends on it.
 *
 * @param section the service's section of the settings file, for errors
 * @param applicationId the consumer group, and the prefix of internal topics and transactional ids
 * @param stateDir where RocksDB keeps state; a cache of the changelog topics, safe to delete while stopped
 * @param commitInterval how often results are committed, and so become visible
 * @param threads stream threads of this instance
 * @param standbyReplicas copies of each store on other instances
 * @param cacheBytes memory for the record caches of all threads together, bytes
 */
public record StreamsSettings(
        String section,
        String applicationId,
        Path stateDir,
        Duration commitInterval,
        int threads,
        int standbyReplicas,
        long cacheBytes) {
    private static final int SESSION_TIMEOUT_MS = 10_000;
    private static final int BATCH_BYTES = 256 << 10;

    /** Reads them, with {@code tokenmeter-<section>} as the default application id. */
    public static StreamsSettings from(Settings settings, String section) {
        return from(settings, section, "tokenmeter-" + section);
    }

    /** Reads them. */
    public static StreamsSettings from(Settings settings, String section, String defaultApplicationId) {
        String prefix = section + ".";
        return new StreamsSettings(
                section,
                settings.string(prefix + StreamsConfig.APPLICATION_ID_CONFIG, defaultApplicationId),
                Path.of(settings.string(prefix + StreamsConfig.STATE_DIR_CONFIG, "./data/streams")),
                Duration.ofMillis(settings.number(prefix + StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 200, 1, 60_000)),
                settings.integer(prefix + StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1, 1, 256),
                settings.integer(prefix + StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, 0, 0, 10),
                settings.number(prefix + StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 64L << 20, 0, 1L << 40));
    }

    /** The configuration for {@link org.apache.kafka.streams.KafkaStreams}. */
    Properties properties(KafkaSettings kafka) {
        Properties properties = new Properties();
        // A thread that dies does not leave the group: the shorter its session, the sooner others go on.
        properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_TIMEOUT_MS);
        // A commit sends what has come together: few large batches are less work for the broker than many small ones.
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
        // No step depends on which of two topics is read first; asking the broker for both ends would cost each record.
        properties.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
        properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, MemtableFilters.class);
        properties.putAll(kafka.streams());
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitInterval.toMillis());
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
        properties.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, standbyReplicas);
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, cacheBytes);
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        return properties;
    }
}
