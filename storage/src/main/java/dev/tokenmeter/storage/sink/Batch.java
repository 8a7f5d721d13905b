package dev.tokenmeter.storage.sink;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Rows that were read but not yet committed, and the offsets to commit once they are inserted. One thread. */
final class Batch {
    private final List<SinkRow> rows = new ArrayList<>();
    private final Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    private long openedNanos;
    private long oldestTimestamp = Long.MAX_VALUE;

    /** Adds a record that became a row. */
    void add(SinkRow row) {
        rows.add(row);
        passed(row.source());
    }

    /** Notes a record that needs no row: a tombstone, or one already dead-lettered. */
    void passed(ConsumerRecord<byte[], byte[]> source) {
        if (offsets.isEmpty()) {
            openedNanos = System.nanoTime();
        }
        oldestTimestamp = Math.min(oldestTimestamp, source.timestamp());
        offsets.put(
                new TopicPartition(source.topic(), source.partition()),
                new OffsetAndMetadata(source.offset() + 1, source.leaderEpoch(), ""));
    }

    /** The rows of each table, in the order in which they came. */
    Map<String, List<SinkRow>> byTable() {
        Map<String, List<SinkRow>> tables = new LinkedHashMap<>();
        rows.forEach(row ->
                tables.computeIfAbsent(row.table(), table -> new ArrayList<>()).add(row));
        return tables;
    }

    Map<TopicPartition, OffsetAndMetadata> offsets() {
        return offsets;
    }

    /** Forgets partitions that another member of the group reads again from their committed offsets. */
    void forget(Collection<TopicPartition> partitions) {
        rows.removeIf(row -> partitions.contains(row.partition()));
        partitions.forEach(offsets::remove);
    }

    int size() {
        return rows.size();
    }

    boolean isEmpty() {
        return offsets.isEmpty();
    }

    long ageNanos() {
        return isEmpty() ? 0 : System.nanoTime() - openedNanos;
    }

    /** Kafka's timestamp of the oldest record, ms since the epoch; {@code Long.MAX_VALUE} for none. */
    long oldestTimestamp() {
        return oldestTimestamp;
    }
}
