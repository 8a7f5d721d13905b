package dev.tokenmeter.storage.sink;

import dev.tokenmeter.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends records that cannot be stored to {@code llm.dead-letter.v1}, byte for byte, with headers {@code reason},
 * {@code topic}, {@code partition} and {@code offset}.
 */
final class DeadLetters implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final int REASON_LIMIT = 500;

    private final Producer<String, byte[]> producer;
    private final SinkMetrics metrics;

    DeadLetters(Map<String, Object> producerConfigs, SinkMetrics metrics) {
        this.producer = new KafkaProducer<>(producerConfigs, new StringSerializer(), new ByteArraySerializer());
        this.metrics = metrics;
    }

    /**
     * Returns once the broker has it, so that the source's offset may be committed.
     *
     * @param reason for an operator; nothing of the record's content
     * @throws KafkaException if the broker did not take it
     */
    void send(ConsumerRecord<byte[], byte[]> source, String reason) {
        String key = source.topic() + "-" + source.partition() + "-" + source.offset();
        LOG.warn("dead letter {}: {}", key, reason);
        String cut = reason.substring(0, Math.min(reason.length(), REASON_LIMIT));
        List<Header> headers = List.of(
                header("reason", cut),
                header("topic", source.topic()),
                header("partition", Integer.toString(source.partition())),
                header("offset", Long.toString(source.offset())));
        String topic = Topics.DEAD_LETTER.topicName();
        try {
            producer.send(new ProducerRecord<>(topic, null, key, source.value(), headers))
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while dead-lettering", e);
        } catch (ExecutionException e) {
            throw new KafkaException("could not dead-letter " + key, e.getCause());
        }
        metrics.deadLetter(source.topic());
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        producer.close();
    }
}
