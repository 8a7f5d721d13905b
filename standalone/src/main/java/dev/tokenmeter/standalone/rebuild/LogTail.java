package dev.tokenmeter.standalone.rebuild;

import dev.tokenmeter.aggregator.rebuild.Cut;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/** Which events of its scope were written behind a cut: what comes while one unit is rebuilt. One thread. */
final class LogTail implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Deserializer<UsageEvent> values;
    private final List<TopicPartition> partitions;
    private final Set<UUID> ids = new HashSet<>();
    private Cut cut;

    LogTail(KafkaSettings kafka) {
        consumer = new KafkaConsumer<>(kafka.consumer(null), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        values = kafka.valueDeserializer();
        partitions = consumer.partitionsFor(Topics.USAGE.topicName()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
    }

    /** Where each partition ends now. */
    Map<Integer, Long> ends() {
        Map<Integer, Long> ends = new HashMap<>();
        consumer.endOffsets(partitions).forEach((partition, end) -> ends.put(partition.partition(), end));
        return ends;
    }

    /** Ids of the events in the cut's scope that stand behind it by now. */
    Set<UUID> idsSince(Cut wanted) {
        if (wanted != cut) {
            ids.clear();
            cut = wanted;
            cut.offsets()
                    .forEach((partition, offset) ->
                            consumer.seek(new TopicPartition(Topics.USAGE.topicName(), partition), offset));
        }
        Map<Integer, Long> ends = ends();
        while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one.partition()))) {
            consumer.poll(POLL).forEach(this::take);
        }
        return ids;
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return;
        }
        try {
            UsageEvent event = values.deserialize(record.topic(), record.value());
            if (cut.scope().covers(event.getTenant(), event.getOccurredAt())) {
                ids.add(event.getEventId());
            }
        } catch (SerializationException poison) {
            return;
        }
    }

    @Override
    public void close() {
        consumer.close();
        values.close();
    }
}
