package dev.tokenmeter.benchmarks.throughput;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** How far a topology has come; what it has read is deleted behind it, so that a long run needs no large disk. */
final class UsageLog implements AutoCloseable {
    /** Of a transaction, the markers of its end are never read. */
    private static final long MARKERS = 2;

    private final Admin admin;

    UsageLog(KafkaSettings kafka) {
        admin = Admin.create(kafka.admin());
    }

    Admin admin() {
        return admin;
    }

    /** How many records the group has read: of the usage topic, without those that wait in internal topics. */
    long done(String group) throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> committed = committed(group);
        return committed.entrySet().stream()
                        .filter(one -> isUsage(one.getKey()))
                        .mapToLong(one -> one.getValue().offset())
                        .sum()
                - waiting(committed);
    }

    /** Of the internal topics; of the usage topic the caller knows the end. */
    private long waiting(Map<TopicPartition, OffsetAndMetadata> committed) throws InterruptedException {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        committed.keySet().stream()
                .filter(partition -> !isUsage(partition))
                .forEach(partition -> wanted.put(partition, OffsetSpec.latest()));
        try {
            return admin
                    .listOffsets(wanted, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                    .all()
                    .get()
                    .entrySet()
                    .stream()
                    .mapToLong(end -> Math.max(
                            0,
                            end.getValue().offset()
                                    - committed.get(end.getKey()).offset()
                                    - MARKERS))
                    .sum();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Deletes what the group has read. */
    void forget(String group) throws InterruptedException {
        Map<TopicPartition, RecordsToDelete> read = new HashMap<>();
        committed(group).forEach((partition, offset) -> {
            if (isUsage(partition)) {
                read.put(partition, RecordsToDelete.beforeOffset(offset.offset()));
            }
        });
        try {
            admin.deleteRecords(read).all().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> committed(String group) throws InterruptedException {
        try {
            Map<TopicPartition, OffsetAndMetadata> known = new HashMap<>(admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get());
            known.values().removeIf(offset -> offset == null);
            return known;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isUsage(TopicPartition partition) {
        return partition.topic().equals(Topics.USAGE.topicName());
    }

    @Override
    public void close() {
        admin.close();
    }
}
