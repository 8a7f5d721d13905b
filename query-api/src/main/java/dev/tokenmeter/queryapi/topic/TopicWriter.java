package dev.tokenmeter.queryapi.topic;

import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes records to a topic and waits until all are safe. Thread-safe; blocking.
 *
 * @param <V> the topic's values
 */
public final class TopicWriter<V extends SpecificRecord> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicWriter.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    private final Topics topic;
    private final KafkaSettings kafka;
    private final String clientId;
    private Producer<String, V> producer;

    /** Connects to nothing yet. */
    public TopicWriter(Topics topic, KafkaSettings kafka, String clientId) {
        this.topic = topic;
        this.kafka = kafka;
        this.clientId = clientId;
    }

    /** Makes ready to write. */
    public synchronized void start() {
        producer = new KafkaProducer<>(kafka.producer(clientId));
    }

    /**
     * Writes them.
     *
     * @param key of each
     * @param advice to who sent them, if not all are known to be safe
     * @throws Problem.Exception 503 with the advice
     */
    public void write(List<V> values, Function<V, String> key, String advice) {
        try {
            List<Future<RecordMetadata>> sent = new ArrayList<>(values.size());
            for (V value : values) {
                sent.add(producer.send(new ProducerRecord<>(topic.topicName(), key.apply(value), value)));
            }
            for (Future<RecordMetadata> one : sent) {
                one.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.unavailable("Stopping.");
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            LOG.warn("not all of {} records could be written to {}", values.size(), topic.topicName(), e);
            throw Problem.unavailable(advice);
        }
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close(CLOSE_PATIENCE);
        }
    }
}
