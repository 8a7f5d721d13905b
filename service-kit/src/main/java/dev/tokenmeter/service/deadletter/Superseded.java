package dev.tokenmeter.service.deadletter;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Whether a refused record of a compacted topic is the last of its key. If it is not, to send it again would put an old
 * budget, price or key in the place of the one in force. One thread; blocking.
 */
final class Superseded implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;

    Superseded(KafkaSettings kafka) {
        consumer = new KafkaConsumer<>(kafka.consumer(null), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    boolean isSuperseded(DeadLetter source) {
        if (source.key() == null || !isCompacted(source.topic())) {
            return false;
        }
        TopicPartition partition = new TopicPartition(source.topic(), source.partition());
        consumer.assign(List.of(partition));
        Map<TopicPartition, Long> ends = consumer.endOffsets(List.of(partition));
        consumer.seek(partition, Math.max(source.offset() + 1, begin(partition)));
        AtomicBoolean found = new AtomicBoolean();
        DeadLetterLog.readOn(consumer, ends, record -> {
            found.set(Arrays.equals(record.key(), source.key()));
            return !found.get();
        });
        return found.get();
    }

    private long begin(TopicPartition partition) {
        return consumer.beginningOffsets(List.of(partition)).get(partition);
    }

    private static boolean isCompacted(String topic) {
        return Arrays.stream(Topics.values()).anyMatch(one -> one.topicName().equals(topic) && one.isCompacted());
    }

    @Override
    public void close() {
        consumer.close();
    }
}
