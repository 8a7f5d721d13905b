package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.KafkaSettings;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;

/** Sends events to {@code llm.usage.v1} by API key with an idempotent producer. */
public final class KafkaEventSink implements EventSink {
    private final Producer<String, EncodedEvent> producer;

    /** Connects in the background; fails if the settings name no resolvable broker. */
    public KafkaEventSink(KafkaSettings kafka, String clientId) {
        producer = new KafkaProducer<>(
                configs(kafka, clientId),
                null, // as configured
                new EncodedEvent.ToKafka(kafka.valueSerializer()));
    }

    /**
     * Few and large requests: a hundredth of a second more on an event's way, against several times the CPU here and in the
     * broker. What the operator sets under {@code kafka.} wins.
     */
    private static Map<String, Object> configs(KafkaSettings kafka, String clientId) {
        Map<String, Object> configs = kafka.producer(clientId);
        configs.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, "20");
        configs.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, Integer.toString(256 << 10));
        configs.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        return configs;
    }

    @Override
    public CompletionStage<Void> publish(UsageEvent event) {
        return publish(new EncodedEvent(event, null, 0));
    }

    @Override
    public CompletionStage<Void> publish(UsageEvent event, byte[] encoded, int offset) {
        return publish(new EncodedEvent(event, encoded, offset));
    }

    private CompletionStage<Void> publish(EncodedEvent value) {
        CompletableFuture<Void> acknowledged = new CompletableFuture<>();
        UsageEvent event = value.event();
        ProducerRecord<String, EncodedEvent> record = new ProducerRecord<>(
                Topics.USAGE.topicName(), null, event.getOccurredAt().toEpochMilli(), event.getApiKeyId(), value);
        producer.send(record, (metadata, failure) -> {
            if (failure == null) {
                acknowledged.complete(null);
            } else if (failure instanceof RecordTooLargeException) {
                acknowledged.completeExceptionally(new UndeliverableException(failure));
            } else {
                acknowledged.completeExceptionally(failure);
            }
        });
        return acknowledged;
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(2));
    }
}
