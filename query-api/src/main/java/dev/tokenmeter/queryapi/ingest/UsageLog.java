package dev.tokenmeter.queryapi.ingest;

import dev.tokenmeter.queryapi.topic.TopicWriter;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.KafkaSettings;
import java.util.List;

/** Writes events to {@code llm.usage.v1}. Thread-safe; blocking. */
public final class UsageLog implements AutoCloseable {
    private final TopicWriter<UsageEvent> topic;

    /** Connects to nothing yet. */
    public UsageLog(KafkaSettings kafka) {
        topic = new TopicWriter<>(Topics.USAGE, kafka, "tokenmeter-query-api-ingest");
    }

    /** Makes ready to write. */
    public void start() {
        topic.start();
    }

    /**
     * Writes them, each into the partition of its key.
     *
     * @throws dev.tokenmeter.queryapi.problem.Problem.Exception 503 if not all are known to be safe; to send them again does
     *     no harm
     */
    void write(List<UsageEvent> events) {
        topic.write(
                events, UsageEvent::getApiKeyId, "Kafka did not take all events; send them again, under the same ids.");
    }

    @Override
    public void close() {
        topic.close();
    }
}
