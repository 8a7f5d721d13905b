package dev.tokenmeter.benchmarks.run;

import dev.tokenmeter.schemas.Topics;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;

/** How many events the usage topic holds. */
final class EventLog {
    private EventLog() {}

    static long events(String bootstrapServers) {
        String topic = Topics.USAGE.topicName();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            TopicDescription description = admin.describeTopics(java.util.List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic);
            Map<TopicPartition, OffsetSpec> ends = description.partitions().stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest()));
            return admin.listOffsets(ends).all().get().values().stream()
                    .mapToLong(end -> end.offset())
                    .sum();
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot ask Kafka for its offsets", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Waits until it holds so many, but not for long; the number in the end. */
    static long await(String bootstrapServers, long expected) {
        long found = 0;
        for (int i = 0; i < 50; i++) {
            found = events(bootstrapServers);
            if (found >= expected) {
                return found;
            }
            Pause.millis(200);
        }
        return found;
    }
}
