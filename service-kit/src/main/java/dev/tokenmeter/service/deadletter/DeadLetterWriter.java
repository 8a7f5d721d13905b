package dev.tokenmeter.service.deadletter;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
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

/**
 * Writes {@link DeadLetter}s for services that are no Kafka Streams topology, and counts them as
 * {@code tokenmeter.dead.letters}. Thread-safe; blocking.
 */
public final class DeadLetterWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterWriter.class);

    private final String service;
    private final MeterRegistry meters;
    private final Producer<String, byte[]> producer;

    /** @param service who refuses, for headers and metrics */
    public DeadLetterWriter(String service, KafkaSettings kafka, MeterRegistry meters) {
        this.service = service;
        this.meters = meters;
        this.producer = new KafkaProducer<>(
                kafka.producer("tokenmeter-" + service + "-dead-letters"),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    /**
     * Returns once the broker has it, so that the source's offset may be committed.
     *
     * @param reason one word
     * @param message for an operator; nothing of the record's content
     * @throws KafkaException if the broker did not take it
     */
    public void send(ConsumerRecord<byte[], byte[]> source, String reason, String message) {
        DeadLetter letter = new DeadLetter(source.topic(), source.partition(), source.offset(), source.key());
        LOG.warn("dead letter {}: {} ({})", letter.id(), reason, DeadLetter.shortened(message));
        Headers headers = letter.addTo(new RecordHeaders(source.headers()), service, reason, message);
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
        count(meters, service, source.topic(), reason);
    }

    /** The one metric of all services. */
    public static void count(MeterRegistry meters, String service, String topic, String reason) {
        Counter.builder("tokenmeter.dead.letters")
                .description("Records refused and written to the dead-letter topic")
                .tag("service", service)
                .tag("topic", topic)
                .tag("reason", reason)
                .register(meters)
                .increment();
    }

    @Override
    public void close() {
        producer.close();
    }
}
