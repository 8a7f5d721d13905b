package dev.tokenmeter.queryapi.reprice;

import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.KafkaSettings;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes corrections to {@code llm.usage.v1}, each into the partition of its event, where the order of revisions is kept.
 * The producer's own bound on memory ({@code buffer.memory}) slows the caller down. For one thread.
 */
final class CorrectionLog implements AutoCloseable {
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    private static final String LINGER_MS = "20";
    private static final String BATCH_BYTES = Integer.toString(256 << 10);

    private final Producer<String, UsageEvent> producer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    CorrectionLog(KafkaSettings kafka) {
        var configs = kafka.producer("tokenmeter-query-api-corrections");
        configs.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, LINGER_MS);
        configs.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        configs.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        producer = new KafkaProducer<>(configs);
    }

    /** @throws IllegalStateException if an earlier one was not taken; the job is then to be run again */
    void send(UsageEvent correction) {
        check();
        producer.send(
                new ProducerRecord<>(Topics.USAGE.topicName(), null, null, correction.getApiKeyId(), correction),
                (written, failed) -> {
                    if (failed != null) {
                        failure.compareAndSet(null, failed);
                    }
                });
    }

    /** Returns when all are safe. */
    void flush() {
        producer.flush();
        check();
    }

    private void check() {
        Exception failed = failure.get();
        if (failed != null) {
            throw Problem.unavailable("Kafka did not take a correction (" + failed.getMessage() + "); run it again.");
        }
    }

    @Override
    public void close() {
        producer.close(CLOSE_PATIENCE);
    }
}
