package dev.tokenmeter.gateway.attribution;

import dev.tokenmeter.schemas.ApiKey;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a {@link KeyDirectory} equal to the topic {@code llm.keys.v1}: reads it from the beginning, on a thread of its own
 * and without a consumer group, as every gateway needs every key. While Kafka or the registry is away the known keys stay
 * in force, and it tries again. A record that is no key is counted and skipped.
 */
public final class KeyFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyFollower.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final KafkaSettings kafka;
    private final KeyDirectory keys;
    private final Runnable prepareTopic;
    private final Counter unusable;
    private final Thread thread = new Thread(this::run, "gateway-keys");
    private volatile boolean closed;

    /** @param prepareTopic makes sure that the topic exists; may block and may fail, and is then tried again */
    public KeyFollower(KafkaSettings kafka, KeyDirectory keys, Runnable prepareTopic, MeterRegistry meters) {
        this.kafka = kafka;
        this.keys = keys;
        this.prepareTopic = prepareTopic;
        this.unusable = Counter.builder("tokenmeter.gateway.keys.unusable")
                .description("Records of the key topic that are no keys")
                .register(meters);
        meters.gauge("tokenmeter.gateway.keys", keys, KeyDirectory::size);
        thread.setDaemon(true);
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    private void run() {
        while (!closed) {
            try {
                prepareTopic.run();
                follow();
            } catch (WakeupException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warn("cannot follow the keys, trying again: {}", e.getMessage());
                pause();
            }
        }
    }

    private void follow() {
        Map<String, Object> configs = kafka.consumer(null);
        try (Consumer<String, byte[]> consumer =
                        new KafkaConsumer<>(configs, new StringDeserializer(), new ByteArrayDeserializer());
                Deserializer<ApiKey> values = kafka.valueDeserializer()) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.KEYS.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (!closed) {
                for (ConsumerRecord<String, byte[]> found : consumer.poll(POLL)) {
                    apply(found, values);
                }
                if (!keys.isCaughtUp() && hasReached(consumer, ends)) {
                    LOG.info("{} keys read", keys.size());
                    keys.markCaughtUp();
                }
            }
        }
    }

    private static boolean hasReached(Consumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private void apply(ConsumerRecord<String, byte[]> found, Deserializer<ApiKey> values) {
        try {
            ApiKey key = values.deserialize(found.topic(), found.value());
            if (key == null) {
                keys.remove(found.key());
            } else {
                keys.put(key);
            }
        } catch (SerializationException e) {
            unusable.increment();
            LOG.warn("skipped a record of {} at offset {}: {}", found.topic(), found.offset(), e.getMessage());
        }
    }

    private void pause() {
        try {
            Thread.sleep(RETRY.toMillis());
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    /** Stops the thread; waits for it a few seconds. */
    @Override
    public void close() {
        closed = true; // seen within one poll; an interrupt would break the consumer's own close
        try {
            thread.join(Duration.ofSeconds(5).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
