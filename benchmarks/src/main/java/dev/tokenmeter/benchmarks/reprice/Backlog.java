package dev.tokenmeter.benchmarks.reprice;

import dev.tokenmeter.service.KafkaSettings;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** What aggregator and sink have not read yet. */
final class Backlog implements AutoCloseable {
    private static final List<String> GROUPS = List.of("tokenmeter-stream-aggregator-3", "tokenmeter-storage");
    private static final long PAUSE_MS = 200;
    /** Of a transaction, the marker of its end is never read. */
    private static final long MARKERS = 1;

    private final Admin admin;

    Backlog(KafkaSettings kafka) {
        admin = Admin.create(kafka.admin());
    }

    void awaitNone(long deadlineNanos) throws InterruptedException {
        while (System.nanoTime() < deadlineNanos
                && GROUPS.stream().mapToLong(this::of).sum() > 0) {
            Thread.sleep(PAUSE_MS);
        }
    }

    private long of(String group) {
        try {
            Map<TopicPartition, OffsetAndMetadata> read = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get();
            var ends = admin.listOffsets(
                            read.keySet().stream()
                                    .collect(Collectors.toMap(Function.identity(), p -> OffsetSpec.latest())),
                            new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                    .all()
                    .get();
            return read.entrySet().stream()
                    .mapToLong(one -> Math.max(
                            0, ends.get(one.getKey()).offset() - one.getValue().offset() - MARKERS))
                    .sum();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
