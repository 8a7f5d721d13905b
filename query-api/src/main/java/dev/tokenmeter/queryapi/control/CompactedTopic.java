package dev.tokenmeter.queryapi.control;

import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.Health;
import dev.tokenmeter.service.KafkaSettings;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A compacted topic of one partition as a map: read from its beginning into memory by a thread of its own, written
 * through Kafka. A write returns once this view holds it, so that whoever wrote reads it back. Thread-safe.
 *
 * @param <V> the generated class
 */
public final class CompactedTopic<V extends SpecificRecord> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CompactedTopic.class);
    private static final Duration WRITE_PATIENCE = Duration.ofSeconds(10);

    private final KafkaSettings kafka;
    private final Topics topic;
    private final Map<String, V> values = new ConcurrentSkipListMap<>();
    private final Object advanced = new Object();
    private Consumer<String, byte[]> consumer;
    private Producer<String, V> producer;
    private Thread thread;
    private volatile boolean closing;
    private volatile boolean loaded;
    private volatile String trouble = "";
    private long nextOffset;

    /** Connects to nothing yet. */
    public CompactedTopic(KafkaSettings kafka, Topics topic) {
        this.kafka = kafka;
        this.topic = topic;
    }

    /** Starts to read. */
    public void start() {
        consumer = new KafkaConsumer<>(kafka.consumer(null), new StringDeserializer(), new ByteArrayDeserializer());
        producer = new KafkaProducer<>(kafka.producer("tokenmeter-query-api-" + topic.topicName()));
        thread = new Thread(this::read, "view-" + topic.topicName());
        thread.setDaemon(true);
        thread.start();
    }

    /** Down until all that was there at the start is read. */
    public Health.Status readiness() {
        return loaded && trouble.isEmpty()
                ? Health.Status.ok()
                : Health.Status.down(trouble.isEmpty() ? "reading " + topic.topicName() : trouble);
    }

    /** Everything, in the order of the keys. */
    public Collection<V> all() {
        requireLoaded();
        return List.copyOf(values.values());
    }

    public Optional<V> get(String key) {
        requireLoaded();
        return Optional.ofNullable(values.get(key));
    }

    private void requireLoaded() {
        if (!loaded) {
            throw Problem.unavailable("Budgets and keys are still being read; try again in a moment.");
        }
    }

    /**
     * Writes and waits until it can be read here. Blocking.
     *
     * @param value null removes
     */
    public void put(String key, V value) {
        try {
            RecordMetadata written = producer.send(new ProducerRecord<>(topic.topicName(), key, value))
                    .get(WRITE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            awaitRead(written.offset());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.unavailable("Stopping.");
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            LOG.warn("could not write {} to {}", key, topic.topicName(), e);
            throw Problem.unavailable("Kafka did not take the change; it may or may not come to hold. Read it back.");
        }
    }

    private void awaitRead(long offset) throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + WRITE_PATIENCE.toNanos();
        synchronized (advanced) {
            while (nextOffset <= offset) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw new TimeoutException("written but not yet read");
                }
                advanced.wait(left);
            }
        }
    }

    private void read() {
        TopicPartition partition = new TopicPartition(topic.topicName(), 0);
        try (Consumer<String, byte[]> owned = consumer;
                Deserializer<V> deserializer = kafka.valueDeserializer()) {
            owned.assign(List.of(partition));
            owned.seekToBeginning(List.of(partition));
            while (!closing) {
                turn(owned, partition, deserializer);
            }
        } catch (WakeupException e) {
            LOG.debug("stopped reading {}", topic.topicName());
        } catch (RuntimeException e) {
            LOG.error("stopped reading {}", topic.topicName(), e);
            trouble = "stopped reading " + topic.topicName() + ": " + e;
        }
    }

    private void turn(Consumer<String, byte[]> owned, TopicPartition partition, Deserializer<V> deserializer) {
        for (ConsumerRecord<String, byte[]> record : owned.poll(Duration.ofMillis(200))) {
            if (!apply(record, deserializer)) {
                owned.seek(partition, record.offset());
                return;
            }
        }
        trouble = "";
        advance(owned.position(partition));
        if (!loaded) {
            loaded = owned.position(partition)
                    >= owned.endOffsets(List.of(partition)).get(partition);
        }
    }

    /** False if it must be tried again later. */
    private boolean apply(ConsumerRecord<String, byte[]> record, Deserializer<V> deserializer) {
        try {
            V value = deserializer.deserialize(record.topic(), record.value());
            if (value == null) {
                values.remove(record.key());
            } else {
                values.put(record.key(), value);
            }
        } catch (RetriableException e) {
            trouble = "the schema registry does not answer";
            return false;
        } catch (KafkaException e) {
            LOG.warn("{} offset {} cannot be read and is passed over", topic.topicName(), record.offset(), e);
        }
        return true;
    }

    private void advance(long offset) {
        synchronized (advanced) {
            nextOffset = offset;
            advanced.notifyAll();
        }
    }

    @Override
    public void close() {
        closing = true;
        if (thread == null) {
            return;
        }
        consumer.wakeup();
        producer.close();
        try {
            thread.join(Duration.ofSeconds(5).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
