package dev.tokenmeter.embedded.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The compacted topic {@code _schemas}: read once at start, then only appended to, as this process is its one writer. */
final class SchemaLog implements AutoCloseable {
    private static final String TOPIC = "_schemas";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Object> clientSettings;
    private final KafkaProducer<String, String> producer;

    SchemaLog(String bootstrapServers) {
        clientSettings = Map.of("bootstrap.servers", bootstrapServers);
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "acks", "all", "linger.ms", "0"),
                new StringSerializer(),
                new StringSerializer());
    }

    /** Hands every record's key and value (null for a tombstone) to the reader, oldest first, then returns. */
    void replay(BiConsumer<JsonNode, JsonNode> reader) throws InterruptedException, ExecutionException {
        ensureTopic();
        TopicPartition partition = new TopicPartition(TOPIC, 0);
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(clientSettings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(Set.of(partition));
            consumer.seekToBeginning(Set.of(partition));
            long end = consumer.endOffsets(Set.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    reader.accept(parse(record.key()), record.value() == null ? null : parse(record.value()));
                }
            }
        }
    }

    private void ensureTopic() throws InterruptedException, ExecutionException {
        NewTopic topic =
                new NewTopic(TOPIC, Optional.of(1), Optional.empty()).configs(Map.of("cleanup.policy", "compact"));
        try (Admin admin = Admin.create(clientSettings)) {
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    void append(SchemaVersion version, boolean deleted) {
        ObjectNode key = key("SCHEMA", version.subject(), 1).put("version", version.version());
        ObjectNode value = JSON.createObjectNode()
                .put("subject", version.subject())
                .put("version", version.version())
                .put("id", version.id())
                .put("schema", version.schema().toString())
                .put("deleted", deleted);
        send(key, value.toString());
    }

    /** @param subject null for the global level; @param level null to remove the subject's own */
    void appendConfig(String subject, Compatibility level) {
        String value = level == null
                ? null
                : JSON.createObjectNode()
                        .put("compatibilityLevel", level.name())
                        .toString();
        send(key("CONFIG", subject, 0), value);
    }

    private static ObjectNode key(String type, String subject, int magic) {
        return JSON.createObjectNode()
                .put("keytype", type)
                .put("subject", subject)
                .put("magic", magic);
    }

    private void send(ObjectNode key, String value) {
        try {
            producer.send(new ProducerRecord<>(TOPIC, 0, key.toString(), value)).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while writing to " + TOPIC, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "could not write to " + TOPIC + ": " + e.getCause().getMessage(), e);
        }
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the topic " + TOPIC + " holds a record that is not JSON", e);
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
