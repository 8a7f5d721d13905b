package dev.tokenmeter.benchmarks.throughput;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.KafkaSettings;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What the rollups in Kafka add up to: for each group, those by day. */
final class RollupLedger {
    /** Days of all groups have it in their keys, after the window's start. */
    private static final String BY_DAY = "\",\"day\",\"";

    private static final Duration POLL = Duration.ofMillis(500);

    /** What is summed of rollups. */
    record Sum(long requests, BigDecimal usd) {
        Sum plus(Sum more) {
            return new Sum(requests + more.requests, usd.add(more.usd));
        }
    }

    private RollupLedger() {}

    /** Reads the topic to its end; of each rollup the last record stands. Sums by group. */
    static Map<String, Sum> read(KafkaSettings kafka) {
        Map<String, Sum> last = new HashMap<>();
        Map<String, String> groupOf = new HashMap<>();
        Map<String, Object> configs = kafka.consumer(null);
        configs.remove("key.deserializer");
        configs.remove("value.deserializer");
        try (Consumer<String, byte[]> consumer =
                        new KafkaConsumer<>(configs, new StringDeserializer(), new ByteArrayDeserializer());
                Deserializer<UsageRollup> values = kafka.valueDeserializer()) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.ROLLUPS.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    if (record.key().contains(BY_DAY) && record.value() != null) {
                        UsageRollup rollup = values.deserialize(record.topic(), record.value());
                        last.put(record.key(), new Sum(rollup.getRequests(), rollup.getCostUsd()));
                        groupOf.put(record.key(), rollup.getDimensionGroup());
                    }
                }
            }
        }
        Map<String, Sum> sums = new TreeMap<>();
        last.forEach((key, sum) -> sums.merge(groupOf.get(key), sum, Sum::plus));
        return sums;
    }
}
