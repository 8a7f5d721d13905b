package dev.tokenmeter.service;

import dev.tokenmeter.schemas.serde.AvroDeserializer;
import dev.tokenmeter.schemas.serde.AvroSerde;
import dev.tokenmeter.schemas.serde.AvroSerdeConfig;
import dev.tokenmeter.schemas.serde.AvroSerializer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Everything under {@code kafka.} in the settings, handed to Kafka's clients under Kafka's and Confluent's own key names:
 * {@code kafka.bootstrap.servers}, {@code kafka.security.protocol}, {@code kafka.schema.registry.url}. Naming
 * {@code io.confluent.kafka.serializers.KafkaAvroSerializer} as {@code kafka.value.serializer} (and the deserializer)
 * swaps our serdes for Confluent's.
 */
public final class KafkaSettings {
    private static final String PREFIX = "kafka.";

    private final Map<String, String> common;
    private final int trafficPartitions;

    private KafkaSettings(Map<String, String> common, int trafficPartitions) {
        this.common = common;
        this.trafficPartitions = trafficPartitions;
    }

    /** Reads them; {@code bootstrap.servers} and {@code schema.registry.url} must be set. */
    public static KafkaSettings from(Settings settings) {
        Map<String, String> common = new HashMap<>(settings.map("kafka"));
        for (String name : namesKnownToClients()) {
            settings.optional(PREFIX + name).ifPresent(value -> common.put(name, value));
        }
        settings.required(PREFIX + ProducerConfig.BOOTSTRAP_SERVERS_CONFIG);
        settings.required(PREFIX + AvroSerdeConfig.SCHEMA_REGISTRY_URL);
        int partitions = settings.integer(PREFIX + "topic-partitions", 4, 1, 10_000);
        common.remove("topic-partitions");
        common.remove("topic.partitions"); // as the environment spells it; to Streams it would be a topic's setting
        return new KafkaSettings(Map.copyOf(common), partitions);
    }

    private static Set<String> namesKnownToClients() {
        Set<String> names = new TreeSet<>(ProducerConfig.configNames());
        names.addAll(ConsumerConfig.configNames());
        names.addAll(AdminClientConfig.configNames());
        names.addAll(AvroSerdeConfig.names());
        return names;
    }

    /** Partitions of the topics that grow with traffic, when this process creates them. */
    public int trafficPartitions() {
        return trafficPartitions;
    }

    /** Settings for an admin client. */
    public Map<String, Object> admin() {
        return new HashMap<>(common);
    }

    /** Settings for an idempotent producer that waits for all in-sync replicas; keys are strings, values Avro. */
    public Map<String, Object> producer(String clientId) {
        Map<String, Object> configs = new HashMap<>();
        configs.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName());
        configs.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, AvroSerializer.class.getName());
        configs.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        configs.put(ProducerConfig.ACKS_CONFIG, "all");
        configs.putAll(common);
        configs.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
        return configs;
    }

    /** Settings for a consumer that reads committed records from the beginning and commits by hand. */
    public Map<String, Object> consumer(String groupId) {
        Map<String, Object> configs = new HashMap<>();
        configs.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName());
        configs.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, AvroDeserializer.class.getName());
        configs.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        // A killed process is replaced after this long; Kafka's own 45 s would show on the dashboard.
        configs.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "10000");
        configs.putAll(common);
        if (groupId != null) {
            configs.put(ConsumerConfig.GROUP_ID_CONFIG, groupId);
        }
        return configs;
    }

    /** Settings for a Kafka Streams application, without its state directory, guarantee and threads. */
    public Map<String, Object> streams() {
        Map<String, Object> configs = new HashMap<>(common);
        configs.remove(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG);
        configs.remove(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG);
        return configs;
    }

    /** A serde for record values: the configured serializer and deserializer, ours by default. */
    public <T extends IndexedRecord> Serde<T> valueSerde() {
        String serializer = common.get(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG);
        String deserializer = common.get(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG);
        Serde<T> serde = serializer == null && deserializer == null
                ? new AvroSerde<>()
                : Serdes.serdeFrom(
                        serializer == null ? new AvroSerializer<T>() : instance(serializer, "value.serializer"),
                        deserializer == null
                                ? new AvroDeserializer<T>()
                                : instance(deserializer, "value.deserializer"));
        Map<String, Object> configs = new HashMap<>(common);
        configs.putIfAbsent(AvroSerdeConfig.SPECIFIC_AVRO_READER, "true");
        serde.configure(configs, false);
        return serde;
    }

    /** A configured serializer for record values. */
    public <T extends IndexedRecord> Serializer<T> valueSerializer() {
        return this.<T>valueSerde().serializer();
    }

    /** A configured deserializer for record values. */
    public <T extends IndexedRecord> Deserializer<T> valueDeserializer() {
        return this.<T>valueSerde().deserializer();
    }

    @SuppressWarnings("unchecked")
    private static <C> C instance(String className, String setting) {
        try {
            return (C) Utils.newInstance(className, Object.class);
        } catch (ClassNotFoundException e) {
            throw new SettingException(
                    PREFIX + setting, "class " + className + " is not on the class path", "a Kafka serializer's class");
        }
    }
}
