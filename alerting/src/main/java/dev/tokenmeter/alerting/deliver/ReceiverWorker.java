package dev.tokenmeter.alerting.deliver;

import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.deadletter.DeadLetterWriter;
import dev.tokenmeter.service.streams.Decoded;
import dev.tokenmeter.service.streams.DecodedSerde;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what is due to one receiver and delivers it in order, on a thread of its own. While an attempt runs or a pause lasts,
 * the consumer goes on polling, so that its group keeps it; what is delivered is committed at once.
 */
final class ReceiverWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReceiverWorker.class);
    /** What is read ahead, so that what belongs together can go together; beyond that it waits in Kafka. */
    private static final int MOST_READ = 200;

    private static final int MOST_AT_ONCE = 50;

    private static final Duration IDLE = Duration.ofMillis(500);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(15);

    private final Receiver receiver;
    private final KafkaSettings kafka;
    private final DeadLetterWriter deadLetters;
    private final DeliveryMetrics metrics;
    private final Attempts attempts;
    private final Backlog backlog = new Backlog();
    private final Map<TopicPartition, Long> uncommitted = new HashMap<>();
    private final Thread thread;
    private volatile boolean closed;

    ReceiverWorker(
            Receiver receiver,
            KafkaSettings kafka,
            DeadLetterWriter deadLetters,
            DeliveryMetrics metrics,
            Clock clock) {
        this.receiver = receiver;
        this.kafka = kafka;
        this.deadLetters = deadLetters;
        this.metrics = metrics;
        this.attempts = new Attempts(receiver, clock);
        thread = new Thread(this::run, "notify-" + receiver.name());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!closed) {
            try {
                consume();
            } catch (InterruptException e) {
                closed = true;
            } catch (RuntimeException e) {
                LOG.warn("cannot read what is due to receiver {}, trying again: {}", receiver.name(), e.getMessage());
                sleep();
            }
        }
    }

    private void consume() {
        Map<String, Object> configs = kafka.consumer("tokenmeter-notify-" + receiver.name());
        configs.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MOST_AT_ONCE);
        try (Consumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                Deserializer<Notification> values = kafka.valueDeserializer();
                Deserializer<Decoded<Notification>> decoder = new DecodedSerde<>(values).deserializer()) {
            forget();
            consumer.subscribe(List.of(Topics.NOTIFICATIONS.topicName()), new Forgetting());
            while (!closed) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(patience())) {
                    take(record, decoder);
                }
                step();
                commit(consumer);
                bound(consumer);
            }
            attempts.awaitEnd().ifPresent(this::settle);
            advance();
            commit(consumer);
        }
    }

    /** Partitions that somebody else has now come with all that was not committed. */
    private final class Forgetting implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            uncommitted.keySet().removeAll(partitions);
            if (backlog.forget(partitions)) {
                attempts.abandon();
            }
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}
    }

    private void forget() {
        backlog.clear();
        uncommitted.clear();
        attempts.abandon();
    }

    private Duration patience() {
        if (attempts.isRunning()) {
            return Duration.ZERO;
        }
        Duration pause = attempts.pause();
        return backlog.size() == 0 ? IDLE : pause.compareTo(LOOK) < 0 ? pause : LOOK;
    }

    private void take(ConsumerRecord<byte[], byte[]> record, Deserializer<Decoded<Notification>> decoder) {
        boolean mine = record.key() != null
                && new String(record.key(), StandardCharsets.UTF_8).equals(receiver.name())
                && record.value() != null;
        if (!mine) {
            backlog.skip(record);
            return;
        }
        Decoded<Notification> decoded = decoder.deserialize(record.topic(), record.value());
        if (decoded instanceof Decoded.Usable<Notification> usable) {
            backlog.add(record, usable.value());
        } else if (decoded instanceof Decoded.Rejected<Notification> rejected) {
            deadLetters.send(record, rejected.reason(), rejected.message());
            backlog.skip(record);
        }
    }

    private void step() {
        if (attempts.isRunning()) {
            attempts.await(LOOK).ifPresent(this::settle);
        }
        advance();
        if (!attempts.isRunning() && attempts.pause().isZero()) {
            Backlog.Delivery next = backlog.next();
            if (next != null) {
                attempts.start(next);
            }
        }
    }

    private void advance() {
        uncommitted.putAll(backlog.takeDone());
        metrics.waiting(backlog.size(), backlog.oldestDue());
    }

    private void settle(Outcome outcome) {
        if (outcome instanceof Outcome.Delivered) {
            backlog.delivered();
            metrics.ended("delivered");
        } else if (outcome instanceof Outcome.Refused) {
            backlog.refused().forEach(source -> drop(source, "refused", outcome.said()));
        } else if (attempts.isTooLate()) {
            drop(
                    backlog.expired(),
                    "expired",
                    "not delivered in " + receiver.retry().retryFor() + ": " + outcome.said());
        } else {
            metrics.retry();
        }
    }

    private void drop(ConsumerRecord<byte[], byte[]> source, String reason, String message) {
        deadLetters.send(source, reason, "receiver " + receiver.name() + ": " + message);
        metrics.ended(reason);
    }

    private void commit(Consumer<?, ?> consumer) {
        if (uncommitted.isEmpty()) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        uncommitted.forEach((partition, offset) -> offsets.put(partition, new OffsetAndMetadata(offset)));
        consumer.commitSync(offsets);
        uncommitted.clear();
    }

    private void bound(Consumer<?, ?> consumer) {
        if (backlog.size() > MOST_READ - MOST_AT_ONCE) {
            consumer.pause(consumer.assignment());
        } else if (!consumer.paused().isEmpty()) {
            consumer.resume(consumer.paused());
        }
    }

    private void sleep() {
        try {
            Thread.sleep(AFTER_FAILURE.toMillis());
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    /** Stops within a second, and a few more for the attempt under way. (To wake the consumer could cost the commit.) */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join(CLOSE_PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        attempts.close();
    }
}
