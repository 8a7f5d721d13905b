package dev.tokenmeter.alerting.deliver;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.topics.DeadLetter;
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

/** Writes notifications that nobody will get to {@code llm.dead-letter.v1}. Thread-safe. */
final class DeadLetterWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterWriter.class);
    private static final String SERVICE = "alerting";

    private final Producer<String, byte[]> producer;
    private final MeterRegistry meters;

    DeadLetterWriter(KafkaSettings kafka, MeterRegistry meters) {
        this.producer = new KafkaProducer<>(
                kafka.producer("tokenmeter-alerting-dead-letters"), new StringSerializer(), new ByteArraySerializer());
        this.meters = meters;
    }

    /**
     * Returns once the broker has it, so that the source's offset may be committed.
     *
     * @param reason one word
     * @throws KafkaException if the broker did not take it
     */
    void write(ConsumerRecord<byte[], byte[]> source, String reason, String message) {
        DeadLetter letter = new DeadLetter(source.topic(), source.partition(), source.offset(), source.key());
        LOG.warn("dead letter {}: {} ({})", letter.id(), reason, DeadLetter.shortened(message));
        Headers headers = letter.addTo(new RecordHeaders(source.headers()), SERVICE, reason, message);
        try {
            producer.send(new ProducerRecord<>(
                            Topics.DEAD_LETTER.topicName(), null, letter.id(), source.value(), headers))
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while dead-lettering", e);
        } catch (ExecutionException e) {
            throw new KafkaException("could not dead-letter " + letter.id(), e.getCause());
        }
        Counter.builder("tokenmeter.dead.letters")
                .description("Records refused and written to the dead-letter topic")
                .tag("service", SERVICE)
                .tag("topic", source.topic())
                .tag("reason", reason)
                .register(meters)
                .increment();
    }

    @Override
    public void close() {
        producer.close();
    }
}
