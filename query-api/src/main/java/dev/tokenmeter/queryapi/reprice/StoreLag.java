package dev.tokenmeter.queryapi.reprice;

import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Waits until ClickHouse has what the usage topic held when one began to wait, the corrections of the job before among it: the
 * sink commits its offsets after it has inserted. Where no sink has ever committed, nothing is waited for. Blocking.
 */
final class StoreLag {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final int ANSWER_SECONDS = 30;

    private final KafkaSettings kafka;
    private final String sinkGroup;

    /** @param sinkGroup the sink's consumer group */
    StoreLag(KafkaSettings kafka, String sinkGroup) {
        this.kafka = kafka;
        this.sinkGroup = sinkGroup;
    }

    /** @throws Problem.Exception 503 if Kafka does not tell, or the sink has not caught up after ten minutes */
    void await() {
        try (Admin admin = Admin.create(kafka.admin())) {
            Map<TopicPartition, Long> ends = ends(admin);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!isPast(ends, committed(admin))) {
                if (System.nanoTime() - deadline > 0) {
                    throw Problem.unavailable(
                            "ClickHouse does not have all events and corrections that were made before," + " after "
                                    + PATIENCE.toMinutes() + " minutes: is the storage service running?");
                }
                Thread.sleep(PAUSE.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.unavailable("Stopping.");
        } catch (ExecutionException | TimeoutException e) {
            throw Problem.unavailable("Kafka did not say how far the storage service is (" + e.getMessage() + ").");
        }
    }

    private static Map<TopicPartition, Long> ends(Admin admin)
            throws InterruptedException, ExecutionException, TimeoutException {
        String topic = Topics.USAGE.topicName();
        Map<TopicPartition, OffsetSpec> latest = admin
                .describeTopics(List.of(topic))
                .allTopicNames()
                .get(ANSWER_SECONDS, TimeUnit.SECONDS)
                .get(topic)
                .partitions()
                .stream()
                .collect(Collectors.toMap(
                        one -> new TopicPartition(topic, one.partition()), one -> OffsetSpec.latest()));
        return admin.listOffsets(latest).all().get(ANSWER_SECONDS, TimeUnit.SECONDS).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, end -> end.getValue().offset()));
    }

    private Map<TopicPartition, OffsetAndMetadata> committed(Admin admin)
            throws InterruptedException, ExecutionException, TimeoutException {
        return admin.listConsumerGroupOffsets(sinkGroup)
                .partitionsToOffsetAndMetadata()
                .get(ANSWER_SECONDS, TimeUnit.SECONDS);
    }

    private static boolean isPast(Map<TopicPartition, Long> ends, Map<TopicPartition, OffsetAndMetadata> committed) {
        boolean noSink = ends.keySet().stream().allMatch(partition -> committed.get(partition) == null);
        return noSink
                || ends.entrySet().stream()
                        .allMatch(end -> end.getValue() == 0
                                || committed.get(end.getKey()) != null
                                        && committed.get(end.getKey()).offset() >= end.getValue());
    }
}
