package dev.tokenmeter.alerting.rule;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long the oldest event of {@code llm.usage.v1} that a consumer group has not done with has waited: the broker's time of
 * its arrival against the clock. Looks every fifteen seconds, on a thread of its own; read by any.
 */
public final class LagProbe implements Supplier<Map<String, Duration>>, AutoCloseable {
    /** What stores. */
    static final String STORAGE = "storage";
    /** What counts. */
    static final String AGGREGATOR = "stream-aggregator";

    private static final Logger LOG = LoggerFactory.getLogger(LagProbe.class);
    private static final Duration EVERY = Duration.ofSeconds(15);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final KafkaSettings kafka;
    private final Map<String, String> groups;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "alerting-lag");
        made.setDaemon(true);
        return made;
    });
    private volatile Map<String, Duration> lags = Map.of();

    /** @param groups ids of consumer groups, by the service that they are of */
    public LagProbe(KafkaSettings kafka, String aggregatorGroup, String storageGroup, MeterRegistry meters) {
        this.kafka = kafka;
        this.groups = Map.of(AGGREGATOR, aggregatorGroup, STORAGE, storageGroup);
        groups.keySet()
                .forEach(service -> Gauge.builder(
                                "tokenmeter.alerting.pipeline.lag",
                                () -> lags.getOrDefault(service, Duration.ZERO).toMillis() / 1000.0)
                        .description("How long the oldest event that is not done with has waited")
                        .baseUnit("seconds")
                        .tag("service", service)
                        .register(meters));
    }

    /** Starts to look. */
    public void start() {
        thread.scheduleWithFixedDelay(this::look, 1, EVERY.toSeconds(), TimeUnit.SECONDS);
    }

    /** By service; without those of which nothing is known. */
    @Override
    public Map<String, Duration> get() {
        return lags;
    }

    private void look() {
        Map<String, Object> config = new HashMap<>(kafka.consumer("tokenmeter-alerting-lag"));
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 64 * 1024);
        config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        config.remove(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG);
        config.remove(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG);
        try (Admin admin = Admin.create(kafka.admin());
                Consumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            Map<String, Duration> found = new HashMap<>();
            for (Map.Entry<String, String> group : groups.entrySet()) {
                Map<TopicPartition, OffsetAndMetadata> done =
                        new HashMap<>(admin.listConsumerGroupOffsets(group.getValue())
                                .partitionsToOffsetAndMetadata()
                                .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
                done.keySet().removeIf(partition -> !partition.topic().equals(Topics.USAGE.topicName()));
                done.values().removeIf(offset -> offset == null);
                if (!done.isEmpty()) {
                    found.put(group.getKey(), oldest(consumer, done));
                }
            }
            lags = Map.copyOf(found);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("cannot tell how far the pipeline is behind: {}", e.toString());
            lags = Map.of();
        }
    }

    private static Duration oldest(Consumer<byte[], byte[]> consumer, Map<TopicPartition, OffsetAndMetadata> done) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(done.keySet());
        Duration oldest = Duration.ZERO;
        for (Map.Entry<TopicPartition, OffsetAndMetadata> partition : done.entrySet()) {
            if (partition.getValue().offset() < ends.get(partition.getKey())) {
                consumer.assign(List.of(partition.getKey()));
                consumer.seek(partition.getKey(), partition.getValue().offset());
                Collection<ConsumerRecord<byte[], byte[]>> records =
                        consumer.poll(PATIENCE).records(partition.getKey());
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    Duration age = Duration.between(Instant.ofEpochMilli(record.timestamp()), Instant.now());
                    oldest = age.compareTo(oldest) > 0 ? age : oldest;
                }
            }
        }
        return oldest;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
