package dev.tokenmeter.storage.sink;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * One row on its way, with the record it came from, for the case that ClickHouse refuses it.
 *
 * @param table where it goes
 * @param names its columns
 * @param encoded their values in {@code RowBinary}
 * @param source the record as Kafka holds it
 */
record SinkRow(String table, List<String> names, byte[] encoded, ConsumerRecord<byte[], byte[]> source) {
    TopicPartition partition() {
        return new TopicPartition(source.topic(), source.partition());
    }
}
