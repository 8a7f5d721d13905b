package dev.tokenmeter.service;

import dev.tokenmeter.schemas.Topics;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the topics that are missing. Two services may do so at once. Blocking. */
public final class TopicAdmin {
    private static final int PATIENCE_SECONDS = 30;

    private TopicAdmin() {}

    /**
     * @throws SettingException if the broker cannot be reached
     */
    public static void ensureTopics(KafkaSettings kafka) {
        try (Admin admin = Admin.create(kafka.admin())) {
            Set<String> present = admin.listTopics().names().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            List<NewTopic> missing = Topics.specs(kafka.trafficPartitions()).stream()
                    .filter(topic -> !present.contains(topic.name()))
                    .toList();
            for (var created : admin.createTopics(missing).values().values()) {
                awaitCreated(created);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while creating topics", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new SettingException(
                    "kafka.bootstrap.servers",
                    kafka.admin().get("bootstrap.servers") + " did not create the topics (" + e.getMessage() + ")",
                    "a reachable Kafka broker that lets this service create or find its topics");
        }
    }

    private static void awaitCreated(org.apache.kafka.common.KafkaFuture<Void> created)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            created.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }
}
