package dev.tokenmeter.queryapi.ingest;

import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.KafkaSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes events to {@code llm.usage.v1}. Thread-safe; blocking. */
public final class UsageLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UsageLog.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    private final KafkaSettings kafka;
    private Producer<String, UsageEvent> producer;

    /** Connects to nothing yet. */
    public UsageLog(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    /** Makes ready to write. */
    public synchronized void start() {
        producer = new KafkaProducer<>(kafka.producer("tokenmeter-query-api-ingest"));
    }

    /** @throws Problem.Exception 503 if not all are known to be safe; to send them again does no harm */
    void write(List<UsageEvent> events) {
        try {
            List<Future<RecordMetadata>> sent = new ArrayList<>(events.size());
            for (UsageEvent event : events) {
                sent.add(producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), event.getApiKeyId(), event)));
            }
            for (Future<RecordMetadata> one : sent) {
                one.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.unavailable("Stopping.");
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            LOG.warn("not all of {} events could be written: {}", events.size(), e.getMessage());
            throw Problem.unavailable("Kafka did not take all events; send them again, under the same ids.");
        }
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close(CLOSE_PATIENCE);
        }
    }
}
