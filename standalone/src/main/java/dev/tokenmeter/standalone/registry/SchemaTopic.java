package dev.tokenmeter.standalone.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
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

/** {@code _schemas}: one compacted partition of JSON records, in Confluent's layout. All methods block. */
final class SchemaTopic implements AutoCloseable {
    static final String NAME = "_schemas";

    private static final TopicPartition PARTITION = new TopicPartition(NAME, 0);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String bootstrapServers;
    private final KafkaProducer<String, String> producer;

    SchemaTopic(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        this.producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", bootstrapServers,
                        "acks", "all",
                        // Clients of the registry give up after some ten seconds; a later success would surprise them.
                        "max.block.ms", "8000",
                        "delivery.timeout.ms", "8000",
                        "request.timeout.ms", "7000",
                        "linger.ms", "0"),
                new StringSerializer(),
                new StringSerializer());
    }

    /** Makes the topic where it is absent, then reads all of it. */
    void load(SchemaIndex index) throws InterruptedException, ExecutionException {
        create();
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers, "enable.auto.commit", "false");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
            while (consumer.position(PARTITION) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record -> apply(record, index));
            }
        }
    }

    private void create() throws InterruptedException, ExecutionException {
        NewTopic topic = new NewTopic(NAME, Optional.of(1), Optional.empty())
                .configs(Map.of("cleanup.policy", "compact", "max.message.bytes", Integer.toString(2 << 20)));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    private static void apply(ConsumerRecord<String, String> record, SchemaIndex index) {
        if (record.key() == null) {
            return;
        }
        JsonNode key = read(record.key());
        String subject = key.path("subject").asText(null);
        switch (key.path("keytype").asText()) {
            case "SCHEMA" -> applySchema(subject, key.path("version").asInt(), record.value(), index);
            case "CONFIG" -> index.putLevel(subject, level(record.value()));
            default -> {
                // NOOP, MODE and others, in a topic that a real registry has written: of no meaning to a lone one.
            }
        }
    }

    private static void applySchema(String subject, int version, String value, SchemaIndex index) {
        if (value == null) {
            index.remove(subject, version);
            return;
        }
        JsonNode json = read(value);
        AvroText schema = AvroText.parse(json.path("schema").asText());
        boolean deleted = json.path("deleted").asBoolean(false);
        index.put(new SubjectVersion(subject, version, json.path("id").asInt(), schema, deleted));
    }

    private static CompatibilityLevel level(String value) {
        return value == null
                ? null
                : CompatibilityLevel.of(read(value).path("compatibilityLevel").asText());
    }

    /** @throws RegistryException if it could not be written */
    void write(SubjectVersion version) {
        ObjectNode key = key("SCHEMA", version.subject(), 1).put("version", version.version());
        ObjectNode value = JSON.createObjectNode()
                .put("subject", version.subject())
                .put("version", version.version())
                .put("id", version.id())
                .put("schema", version.schema().text())
                .put("deleted", version.deleted());
        send(key, value);
    }

    /** @throws RegistryException if it could not be written */
    void writeLevel(String subject, CompatibilityLevel level) {
        ObjectNode value = level == null ? null : JSON.createObjectNode().put("compatibilityLevel", level.name());
        send(key("CONFIG", subject, 0), value);
    }

    private static ObjectNode key(String type, String subject, int magic) {
        return JSON.createObjectNode()
                .put("keytype", type)
                .put("subject", subject)
                .put("magic", magic);
    }

    private void send(ObjectNode key, ObjectNode value) {
        try {
            producer.send(new ProducerRecord<>(NAME, 0, key.toString(), value == null ? null : value.toString()))
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RegistryException.storeFailed();
        } catch (ExecutionException | org.apache.kafka.common.KafkaException e) {
            RegistryException failure = RegistryException.storeFailed();
            failure.initCause(e);
            throw failure;
        }
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the topic " + NAME + " holds a record that is not JSON", e);
        }
    }

    @Override
    public void close() {
        producer.close(CLOSE_PATIENCE);
    }
}
