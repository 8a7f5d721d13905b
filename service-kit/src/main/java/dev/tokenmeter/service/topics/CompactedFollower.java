package dev.tokenmeter.service.topics;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.Health;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.TopicAdmin;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.RecordMetadata;
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
 * without a consumer group, as every process needs every record. The topic is made if it is missing. While Kafka or the
 * registry is away what is known stays in force, and it tries again from where it was. A record that cannot be read is
 * counted and skipped.
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
    private final Counter unusable;
    private final Thread thread;
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private volatile Consumer<?, ?> following;
    private volatile boolean failing;
    private volatile boolean closed;

    /**
     * Connects to nothing yet.
     *
     * @param service in whose name the metrics stand ({@code tokenmeter.<service>.<name>}), e.g. {@code gateway}
     * @param name what the entries are, in metrics, logs and the thread's name
     */
    public CompactedFollower(
            Topics topic,
            String service,
            String name,
            KafkaSettings kafka,
            CompactedView<T> view,
            MeterRegistry meters) {
        this.topic = topic;
        this.name = name;
        this.kafka = kafka;
        this.view = view;
        String metric = ("tokenmeter." + service + "." + name).replaceAll("[ -]", ".");
        this.unusable = Counter.builder(metric + ".unusable")
                .description("Records of " + topic.topicName() + " that cannot be read")
                .register(meters);
        Gauge.builder(metric, view, CompactedView::size)
                .description("Entries of " + topic.topicName() + " that are known")
                .register(meters);
        thread = new Thread(this::run, service + "-" + name.replace(' ', '-'));
        thread.setDaemon(true);
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    /** Down until all that was there at the start is read, and while the topic cannot be read. */
    public Health.Status readiness() {
        if (failing) {
            return Health.Status.down("cannot read " + topic.topicName() + "; see the log");
        }
        return view.isCaughtUp() ? Health.Status.ok() : Health.Status.down("reading " + topic.topicName());
    }

    /**
     * Waits until the view holds what was written there. Blocking.
     *
     * @throws TimeoutException if it does not in time
     */
    public void awaitRead(RecordMetadata written, Duration patience) throws InterruptedException, TimeoutException {
        TopicPartition partition = new TopicPartition(written.topic(), written.partition());
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (positions) {
            while (positions.getOrDefault(partition, 0L) <= written.offset()) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw new TimeoutException("written but not yet read");
                }
                positions.wait(left);
            }
        }
    }

    private void run() {
        while (!closed) {
            try {
                TopicAdmin.ensureTopics(kafka);
                follow();
            } catch (WakeupException e) {
                LOG.debug("stopped following the {}", name);
            } catch (RuntimeException e) {
                failing = true;
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
            following = consumer;
            List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            partitions.forEach(partition -> consumer.seek(partition, position(partition)));
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (!closed) {
                ConsumerRecords<String, byte[]> arrived = consumer.poll(POLL);
                arrived.forEach(found -> apply(found, values));
                if (!arrived.isEmpty()) {
                    view.settled();
                }
                failing = false;
                advance(partitions, consumer);
                if (!view.isCaughtUp() && hasReached(ends)) {
                    LOG.info("{} {} read", view.size(), name);
                    view.markCaughtUp();
                }
            }
        }
    }

    private long position(TopicPartition partition) {
        synchronized (positions) {
            return positions.getOrDefault(partition, 0L);
        }
    }

    private void advance(List<TopicPartition> partitions, Consumer<?, ?> consumer) {
        synchronized (positions) {
            partitions.forEach(partition -> positions.put(partition, consumer.position(partition)));
            positions.notifyAll();
        }
    }

    private boolean hasReached(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> position(end.getKey()) >= end.getValue());
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

    /** Stops the thread, if it was started; waits for it a few seconds. */
    @Override
    public void close() {
        closed = true;
        Consumer<?, ?> consumer = following;
        if (consumer != null) {
            consumer.wakeup(); // an interrupt would break the consumer's own close
        }
        try {
            thread.join(Duration.ofSeconds(5).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
