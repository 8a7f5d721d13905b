package dev.tokenmeter.standalone.rebuild;

import dev.tokenmeter.aggregator.rebuild.Cut;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.storage.query.TimeRange;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/** Events as the log has them: read once, up to each cut, into a store on disk that puts them into order. */
final class LogSource implements EventSource {
    private static final Duration POLL = Duration.ofMillis(100);
    /** A gateway's clock may run ahead of the broker's by so much. */
    private static final Duration SLACK = Duration.ofDays(1);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Deserializer<UsageEvent> values;
    private final TimeRange range;
    private final EventStore store = new EventStore();

    /** @throws SettingException if the log does not reach back that far */
    LogSource(KafkaSettings kafka, TimeRange range) {
        this.range = range;
        consumer = new KafkaConsumer<>(kafka.consumer(null), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        values = kafka.valueDeserializer();
        seek();
    }

    private void seek() {
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.USAGE.topicName()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<TopicPartition, Long> times = new HashMap<>();
        Instant first = range.from().minus(SLACK);
        partitions.forEach(partition -> times.put(partition, first.toEpochMilli()));
        Map<TopicPartition, OffsetAndTimestamp> starts = consumer.offsetsForTimes(times);
        for (TopicPartition partition : partitions) {
            OffsetAndTimestamp start = starts.get(partition);
            if (start != null && begins.get(partition) > 0 && start.offset() <= begins.get(partition)) {
                throw new SettingException(
                        "--from",
                        "found " + range.from() + ", and the log of " + partition + " begins with "
                                + Instant.ofEpochMilli(start.timestamp()),
                        "a time a day later than that, or --source clickhouse");
            }
            consumer.seek(partition, start == null ? ends.get(partition) : start.offset());
        }
    }

    @Override
    public void await(Cut cut) {
        Map<TopicPartition, Long> ends = new HashMap<>();
        cut.offsets()
                .forEach((partition, offset) ->
                        ends.put(new TopicPartition(Topics.USAGE.topicName(), partition), offset));
        consumer.pause(consumer.assignment());
        while (true) {
            List<TopicPartition> behind = ends.keySet().stream()
                    .filter(partition -> consumer.position(partition) < ends.get(partition))
                    .toList();
            if (behind.isEmpty()) {
                return;
            }
            consumer.resume(behind);
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                if (record.offset() < ends.get(partition)) {
                    take(record);
                } else {
                    consumer.seek(partition, ends.get(partition));
                    consumer.pause(List.of(partition));
                }
            }
            consumer.pause(consumer.assignment());
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return;
        }
        try {
            UsageEvent event = values.deserialize(record.topic(), record.value());
            if (!event.getOccurredAt().isBefore(range.from())
                    && event.getOccurredAt().isBefore(range.until())) {
                store.put(event, record.value());
            }
        } catch (SerializationException poison) {
            return;
        }
    }

    @Override
    public Set<String> tenants(TimeRange part) {
        return store.tenants(part);
    }

    @Override
    public void read(TimeRange part, String tenant, Cut cut, Consumer<UsageEvent> reader) {
        store.forEach(part, tenant, bytes -> reader.accept(values.deserialize(Topics.USAGE.topicName(), bytes)));
    }

    @Override
    public void close() {
        consumer.close();
        values.close();
        store.close();
    }
}
