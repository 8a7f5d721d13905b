package dev.tokenmeter.storage.sink;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * One row on its way, with the record it came from, for the case that ClickHouse refuses it.
 *
 * @param table where it goes
 * @param columns what is written
 * @param source the record as Kafka holds it
 */
record SinkRow(String table, Columns columns, ConsumerRecord<byte[], byte[]> source) {
    TopicPartition partition() {
        return new TopicPartition(source.topic(), source.partition());
    }
}
