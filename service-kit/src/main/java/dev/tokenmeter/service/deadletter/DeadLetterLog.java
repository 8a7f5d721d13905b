package dev.tokenmeter.service.deadletter;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads {@code llm.dead-letter.v1} from its beginning to where it ended when asked, in two passes: what is settled, then the
 * letters, one at a time. So it ends, also while letters are written, and holds none of them. One thread; blocking.
 */
public final class DeadLetterLog {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaSettings kafka;

    /** Connects to nothing yet. */
    public DeadLetterLog(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    /** @throws TimeoutException if Kafka does not answer within half a minute */
    public void forEach(LetterFilter filter, Consumer<Letter> reader) {
        forEach(filter, new Resolutions(), reader);
    }

    /** @param resolutions is given what is settled already, before the first letter is read */
    void forEach(LetterFilter filter, Resolutions resolutions, Consumer<Letter> reader) {
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(kafka.consumer(null), new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.DEAD_LETTER.topicName(), PATIENCE).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
            read(consumer, ends, record -> settle(record, resolutions));
            read(consumer, ends, record -> {
                if (isLetter(record)) {
                    Letter letter = Letter.of(record, resolutions);
                    if (filter.matches(letter)) {
                        reader.accept(letter);
                    }
                }
            });
        }
    }

    private static void settle(ConsumerRecord<String, byte[]> record, Resolutions resolutions) {
        Header resolution = record.headers().lastHeader(Resolution.HEADER);
        if (resolution != null) {
            String[] id = record.key().split("\\|");
            resolutions.add(
                    new DeadLetter(id[0], Integer.parseInt(id[1]), Long.parseLong(id[2]), null),
                    Resolution.of(Replays.text(resolution)));
        }
    }

    /** What others wrote into the topic is left alone. */
    private static boolean isLetter(ConsumerRecord<String, byte[]> record) {
        return record.headers().lastHeader(Resolution.HEADER) == null
                && record.headers().lastHeader(DeadLetter.SOURCE_TOPIC) != null
                && record.headers().lastHeader(DeadLetter.SOURCE_PARTITION) != null
                && record.headers().lastHeader(DeadLetter.SOURCE_OFFSET) != null;
    }

    private static <K> void read(
            KafkaConsumer<K, byte[]> consumer,
            Map<TopicPartition, Long> ends,
            Consumer<ConsumerRecord<K, byte[]>> reader) {
        consumer.seekToBeginning(ends.keySet());
        readOn(consumer, ends, record -> {
            reader.accept(record);
            return true;
        });
    }

    /**
     * Reads from where the consumer stands.
     *
     * @param reader whether to go on
     */
    static <K> void readOn(
            KafkaConsumer<K, byte[]> consumer,
            Map<TopicPartition, Long> ends,
            Predicate<ConsumerRecord<K, byte[]>> reader) {
        long progressAt = System.nanoTime();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            for (ConsumerRecord<K, byte[]> record : consumer.poll(POLL)) {
                progressAt = System.nanoTime();
                if (record.offset() < ends.get(new TopicPartition(record.topic(), record.partition()))
                        && !reader.test(record)) {
                    return;
                }
            }
            if (System.nanoTime() - progressAt > PATIENCE.toNanos()) {
                throw new TimeoutException("Kafka gave no record for " + PATIENCE.toSeconds() + " s");
            }
        }
    }
}
