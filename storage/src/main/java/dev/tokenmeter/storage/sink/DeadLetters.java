package dev.tokenmeter.storage.sink;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.topics.DeadLetter;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends records that cannot be stored to {@code llm.dead-letter.v1}, as a {@link DeadLetter} is written. */
final class DeadLetters implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final String SERVICE = "storage";

    private final Producer<String, byte[]> producer;
    private final SinkMetrics metrics;

    DeadLetters(Map<String, Object> producerConfigs, SinkMetrics metrics) {
        this.producer = new KafkaProducer<>(producerConfigs, new StringSerializer(), new ByteArraySerializer());
        this.metrics = metrics;
    }

    /**
     * Returns once the broker has it, so that the source's offset may be committed.
     *
     * @param reason one word
     * @param message for an operator; nothing of the record's content
     * @throws KafkaException if the broker did not take it
     */
    void send(ConsumerRecord<byte[], byte[]> source, String reason, String message) {
        DeadLetter letter = new DeadLetter(source.topic(), source.partition(), source.offset(), source.key());
        LOG.warn("dead letter {}: {} ({})", letter.id(), reason, DeadLetter.shortened(message));
        Headers headers = letter.addTo(new RecordHeaders(source.headers()), SERVICE, reason, message);
        String topic = Topics.DEAD_LETTER.topicName();
        try {
            producer.send(new ProducerRecord<>(topic, null, letter.id(), source.value(), headers))
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while dead-lettering", e);
        } catch (ExecutionException e) {
            throw new KafkaException("could not dead-letter " + letter.id(), e.getCause());
        }
        metrics.deadLetter(SERVICE, source.topic(), reason);
    }

    @Override
    public void close() {
        producer.close();
    }
}
