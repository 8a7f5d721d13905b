package dev.tokenmeter.storage.sink;

import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.deadletter.DeadLetterWriter;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads all topics that have a table and keeps ClickHouse in step. One thread of its own. */
public final class Sink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sink.class);
    private static final String SERVICE = "storage";
    private static final int RECORDS_A_POLL = 2_000;
    private static final int FETCH_MIN_BYTES = 64 << 10;
    private static final int FETCH_MAX_WAIT_MS = 100;
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(20);

    private final KafkaSettings kafka;
    private final ClickHouse clickHouse;
    private final SinkConfig config;
    private final MeterRegistry meters;
    private final SinkMetrics metrics;
    private final SinkState state = new SinkState();
    private Consumer<byte[], byte[]> consumer;
    private Thread thread;
    private volatile boolean closing;

    public Sink(ServiceContext context, ClickHouse clickHouse, SinkConfig config) {
        this.kafka = context.kafka();
        this.clickHouse = clickHouse;
        this.config = config;
        this.meters = context.meters();
        this.metrics = new SinkMetrics(meters);
        context.health().readiness("sink", state::readiness);
        context.health().liveness("sink", state::liveness);
    }

    /** Starts the thread. */
    public void start() {
        consumer = new KafkaConsumer<>(consumerConfigs(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        thread = new Thread(this::run, "storage-sink");
        thread.start();
    }

    private Map<String, Object> consumerConfigs() {
        Map<String, Object> configs = kafka.consumer(config.groupId());
        configs.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, Math.min(RECORDS_A_POLL, config.maxBatchRows()));
        // In a backlog few and large answers; without one, none waits long.
        configs.putIfAbsent(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, FETCH_MIN_BYTES);
        configs.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_MAX_WAIT_MS);
        return configs;
    }

    private void run() {
        try (Consumer<byte[], byte[]> owned = consumer;
                DeadLetterWriter deadLetters = new DeadLetterWriter(SERVICE, kafka, meters);
                Deserializer<SpecificRecord> deserializer = kafka.valueDeserializer()) {
            SinkLoop loop = loop(owned, deadLetters, deserializer);
            loop.subscribe();
            while (!closing) {
                turn(loop);
            }
            loop.finish();
        } catch (RuntimeException | Error e) {
            LOG.error("the sink has stopped", e);
            state.dead("the sink has stopped: " + e);
        }
    }

    private static void turn(SinkLoop loop) {
        try {
            loop.turn();
        } catch (WakeupException e) {
            LOG.debug("woken up to stop");
        }
    }

    private SinkLoop loop(
            Consumer<byte[], byte[]> consumer,
            DeadLetterWriter deadLetters,
            Deserializer<SpecificRecord> deserializer) {
        BatchWriter writer = new BatchWriter(new RowInserter(clickHouse), deadLetters, metrics);
        RecordReader reader = new RecordReader(deserializer, new RowEncoder(clickHouse));
        return new SinkLoop(consumer, reader, writer, deadLetters, config, metrics, state);
    }

    @Override
    public void close() {
        closing = true;
        if (thread == null) {
            return;
        }
        consumer.wakeup();
        try {
            thread.join(CLOSE_PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
