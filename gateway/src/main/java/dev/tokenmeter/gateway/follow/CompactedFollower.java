package dev.tokenmeter.gateway.follow;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.IndexedRecord;
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
 * Keeps a {@link CompactedView} equal to its topic: reads all partitions from the beginning, on a thread of its own and
 * without a consumer group, as every gateway needs every record. While Kafka or the registry is away what is known stays
 * in force, and it tries again from where it was. A record that cannot be read is counted and skipped.
 *
 * @param <T> the topic's values
 */
public final class CompactedFollower<T extends IndexedRecord> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CompactedFollower.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Topics topic;
    private final String name;
    private final KafkaSettings kafka;
    private final CompactedView<T> view;
    private final Runnable prepareTopic;
    private final Counter unusable;
    private final Thread thread;
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private volatile boolean closed;

    /**
     * @param name what the entries are, in metrics ({@code tokenmeter.gateway.<name>}), logs and the thread's name
     * @param prepareTopic makes sure that the topic exists; may block and may fail, and is then tried again
     */
    public CompactedFollower(
            Topics topic,
            String name,
            KafkaSettings kafka,
            CompactedView<T> view,
            Runnable prepareTopic,
            MeterRegistry meters) {
        this.topic = topic;
        this.name = name;
        this.kafka = kafka;
        this.view = view;
        this.prepareTopic = prepareTopic;
        String metric = "tokenmeter.gateway." + name.replace(' ', '.');
        this.unusable = Counter.builder(metric + ".unusable")
                .description("Records of " + topic.topicName() + " that cannot be read")
                .register(meters);
        meters.gauge(metric, view, CompactedView::size);
        thread = new Thread(this::run, "gateway-" + name.replace(' ', '-'));
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
                LOG.warn("cannot follow the {}, trying again: {}", name, e.getMessage());
                pause();
            }
        }
    }

    private void follow() {
        Map<String, Object> configs = kafka.consumer(null);
        try (Consumer<String, byte[]> consumer =
                        new KafkaConsumer<>(configs, new StringDeserializer(), new ByteArrayDeserializer());
                Deserializer<T> values = kafka.valueDeserializer()) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            partitions.forEach(partition -> consumer.seek(partition, positions.getOrDefault(partition, 0L)));
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (!closed) {
                for (ConsumerRecord<String, byte[]> found : consumer.poll(POLL)) {
                    apply(found, values);
                }
                partitions.forEach(partition -> positions.put(partition, consumer.position(partition)));
                if (!view.isCaughtUp() && hasReached(ends)) {
                    LOG.info("{} {} read", view.size(), name);
                    view.markCaughtUp();
                }
            }
        }
    }

    private boolean hasReached(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> positions.get(end.getKey()) >= end.getValue());
    }

    private void apply(ConsumerRecord<String, byte[]> found, Deserializer<T> values) {
        try {
            T value = values.deserialize(found.topic(), found.value());
            if (value == null) {
                view.remove(found.key());
            } else {
                view.put(found.key(), value);
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
