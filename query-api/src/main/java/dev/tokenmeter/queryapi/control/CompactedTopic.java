package dev.tokenmeter.queryapi.control;

import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.Health;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.topics.CompactedFollower;
import dev.tokenmeter.service.topics.CompactedMap;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A compacted topic as a map: read into memory, written through Kafka. A write returns once this view holds it, so that
 * whoever wrote reads it back. Thread-safe.
 *
 * @param <V> the generated class
 */
public final class CompactedTopic<V extends SpecificRecord> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CompactedTopic.class);
    private static final Duration WRITE_PATIENCE = Duration.ofSeconds(10);

    private final ServiceContext context;
    private final Topics topic;
    private final CompactedMap<V> values = new CompactedMap<>();
    private final CompactedFollower<V> follower;
    private Producer<String, V> producer;

    /**
     * Connects to nothing yet.
     *
     * @param name what the entries are, in metrics and logs
     */
    public CompactedTopic(ServiceContext context, Topics topic, String name) {
        this.context = context;
        this.topic = topic;
        this.follower = new CompactedFollower<>(topic, "query-api", name, context.kafka(), values, context.meters());
    }

    /** Starts to read. */
    public void start() {
        producer = new KafkaProducer<>(context.kafka().producer("tokenmeter-query-api-" + topic.topicName()));
        follower.start();
    }

    /** Down until all that was there at the start is read. */
    public Health.Status readiness() {
        return follower.readiness();
    }

    /** Everything, in the order of the keys. */
    public Collection<V> all() {
        requireLoaded();
        return values.all();
    }

    public Optional<V> get(String key) {
        requireLoaded();
        return values.get(key);
    }

    private void requireLoaded() {
        if (!values.isCaughtUp()) {
            throw Problem.unavailable("What is set here is still being read; try again in a moment.");
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
            follower.awaitRead(written, WRITE_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.unavailable("Stopping.");
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            LOG.warn("could not write {} to {}", key, topic.topicName(), e);
            throw Problem.unavailable("Kafka did not take the change; it may or may not come to hold. Read it back.");
        }
    }

    @Override
    public void close() {
        follower.close();
        if (producer != null) {
            producer.close();
        }
    }
}
