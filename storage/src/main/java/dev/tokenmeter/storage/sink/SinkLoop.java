package dev.tokenmeter.storage.sink;

import dev.tokenmeter.service.deadletter.DeadLetter;
import dev.tokenmeter.service.deadletter.DeadLetterWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.SerializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sink's thread: poll, collect a batch, insert it, commit its offsets. While ClickHouse, the registry or the
 * dead-letter topic is out of reach the batch is kept, all partitions are paused and polling goes on, so that the group
 * keeps this member and memory stays bounded by one batch and one poll.
 */
final class SinkLoop implements ConsumerRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(SinkLoop.class);

    private final Consumer<byte[], byte[]> consumer;
    private final RecordReader reader;
    private final BatchWriter writer;
    private final DeadLetterWriter deadLetters;
    private final SinkConfig config;
    private final SinkMetrics metrics;
    private final SinkState state;
    private final BackOff backOff;
    private final Deque<ConsumerRecord<byte[], byte[]>> polled = new ArrayDeque<>();
    private Batch batch = new Batch();
    private Instant stalledSince;
    private long retryAtNanos;
    private long unread;

    SinkLoop(
            Consumer<byte[], byte[]> consumer,
            RecordReader reader,
            BatchWriter writer,
            DeadLetterWriter deadLetters,
            SinkConfig config,
            SinkMetrics metrics,
            SinkState state) {
        this.consumer = consumer;
        this.reader = reader;
        this.writer = writer;
        this.deadLetters = deadLetters;
        this.config = config;
        this.metrics = metrics;
        this.state = state;
        this.backOff = new BackOff(config.minBackOff(), config.maxBackOff());
    }

    void subscribe() {
        consumer.subscribe(reader.topics(), this);
    }

    /** One turn. */
    void turn() {
        consumer.poll(untilDue()).forEach(polled::add);
        reportLag();
        if (isStalled() && System.nanoTime() - retryAtNanos < 0) {
            return;
        }
        try {
            readAndFlush();
            recovered();
        } catch (SQLException | KafkaException e) {
            stall(e);
        }
    }

    /** Stores what is held, if it can be stored at once; what is not comes again from the committed offsets. */
    void finish() {
        try {
            readPolled();
            flush();
        } catch (SQLException | KafkaException e) {
            LOG.warn("stopping with {} rows not stored; they are read again at the next start", batch.size());
        }
    }

    private Duration untilDue() {
        if (isStalled()) {
            return Duration.ofMillis(100);
        }
        long left = delay().toNanos() - batch.ageNanos();
        return Duration.ofNanos(
                Math.max(0, Math.min(left, Duration.ofMillis(200).toNanos())));
    }

    /** In a backlog nobody waits for these rows more than for those behind them, and few large blocks cost the least. */
    private Duration delay() {
        return unread > config.maxBatchRows() ? config.maxBacklogDelay() : config.maxBatchDelay();
    }

    private void readAndFlush() throws SQLException {
        do {
            readPolled();
            boolean due = batch.ageNanos() >= delay().toNanos();
            if (batch.size() >= config.maxBatchRows() || due) {
                flush();
            }
        } while (!polled.isEmpty());
    }

    private void readPolled() throws SQLException {
        while (!polled.isEmpty() && batch.size() < config.maxBatchRows()) {
            read(polled.peek());
            polled.remove();
        }
        metrics.oldestUnstored(batch.oldestTimestamp());
    }

    private void read(ConsumerRecord<byte[], byte[]> source) throws SQLException {
        try {
            SinkRow row = reader.read(source);
            if (row == null) {
                batch.passed(source);
            } else {
                batch.add(row);
            }
        } catch (SerializationException | IllegalArgumentException | ArithmeticException e) {
            deadLetters.send(source, DeadLetter.POISON, DeadLetter.unreadable(e));
            batch.passed(source);
        }
    }

    private void flush() throws SQLException {
        if (batch.isEmpty()) {
            return;
        }
        writer.write(batch);
        try {
            consumer.commitSync(batch.offsets());
        } catch (RebalanceInProgressException e) {
            LOG.info("offsets not committed during a rebalance; the rows may come again and then count once");
        }
        batch = new Batch();
        metrics.oldestUnstored(Long.MAX_VALUE);
    }

    private boolean isStalled() {
        return stalledSince != null;
    }

    private void stall(Exception cause) {
        if (!isStalled()) {
            stalledSince = Instant.now();
            LOG.warn("the sink holds {} rows and retries: {}", batch.size(), cause.toString());
        }
        consumer.pause(consumer.assignment());
        Duration pause = backOff.next();
        retryAtNanos = System.nanoTime() + pause.toNanos();
        state.stalled(reason(cause), stalledSince);
    }

    private static String reason(Exception cause) {
        String what = cause instanceof SQLException ? "ClickHouse does not take rows" : "Kafka or the registry fails";
        return what + ": "
                + String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }

    private void recovered() {
        if (isStalled()) {
            LOG.info("the sink stores rows again after {}", Duration.between(stalledSince, Instant.now()));
            stalledSince = null;
            backOff.reset();
            consumer.resume(consumer.paused());
        }
        state.working();
    }

    private void reportLag() {
        Map<String, Long> lag = new HashMap<>();
        for (TopicPartition partition : consumer.assignment()) {
            consumer.currentLag(partition).ifPresent(records -> lag.merge(partition.topic(), records, Long::sum));
        }
        metrics.lag(lag);
        unread = lag.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        if (isStalled()) {
            consumer.pause(partitions);
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        if (!isStalled()) {
            finish();
        }
        onPartitionsLost(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        Set<TopicPartition> lost = Set.copyOf(partitions);
        polled.removeIf(record -> lost.contains(new TopicPartition(record.topic(), record.partition())));
        batch.forget(lost);
    }
}
