package dev.tokenmeter.gateway.batch;

import dev.tokenmeter.schemas.Batch;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.TopicAdmin;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes batches to {@code llm.batches.v1} on a thread of its own, one after the other, each until Kafka has it. What waits
 * while Kafka is away is bounded and in memory only: batches are few, and of one that is lost the output is charged to who
 * fetches it.
 */
public final class KafkaBatchLog implements BatchLog {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaBatchLog.class);
    private static final int MAX_WAITING = 10_000;
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration FLUSH = Duration.ofSeconds(3);

    private final KafkaSettings kafka;
    private final String clientId;
    private final Counter dropped;
    private final BlockingQueue<Batch> waiting = new LinkedBlockingQueue<>(MAX_WAITING);
    private final Thread thread;
    private volatile boolean closed;

    /** Connects in the background. */
    public KafkaBatchLog(KafkaSettings kafka, String clientId, MeterRegistry meters) {
        this.kafka = kafka;
        this.clientId = clientId;
        this.dropped = Counter.builder("tokenmeter.gateway.batches.dropped")
                .description("Submitted batches that other gateways were not told of")
                .register(meters);
        thread = new Thread(this::run, "gateway-batches-writer");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void write(Batch batch) {
        if (closed || !waiting.offer(batch)) {
            dropped.increment();
        }
    }

    private void run() {
        Producer<String, Batch> producer = null;
        Batch next = null;
        try {
            while (!closed || next != null || !waiting.isEmpty()) {
                next = next == null ? waiting.poll(200, TimeUnit.MILLISECONDS) : next;
                if (next == null) {
                    continue;
                }
                try {
                    producer = producer == null ? open() : producer;
                    producer.send(new ProducerRecord<>(Topics.BATCHES.topicName(), BatchDirectory.key(next), next))
                            .get();
                    next = null;
                } catch (ExecutionException | RuntimeException e) {
                    LOG.warn("cannot write to {}, trying again: {}", Topics.BATCHES.topicName(), e.getMessage());
                    Thread.sleep(RETRY.toMillis());
                }
            }
        } catch (InterruptedException e) {
            LOG.warn("{} batches were not written", waiting.size() + (next == null ? 0 : 1));
        } finally {
            if (producer != null) {
                producer.close(Duration.ZERO);
            }
        }
    }

    private Producer<String, Batch> open() {
        TopicAdmin.ensureTopics(kafka);
        return new KafkaProducer<>(kafka.producer(clientId));
    }

    /** Writes what waits, for a few seconds at most. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join(FLUSH.toMillis());
            thread.interrupt();
            thread.join(FLUSH.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
