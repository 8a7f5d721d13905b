package dev.tokenmeter.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.schemas.serde.AvroSerializer;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class KafkaSettingsTest {
    private static final Map<String, String> MINIMUM =
            Map.of("kafka.bootstrap.servers", "broker:9092", "kafka.schema.registry.url", "http://registry:8081");

    @Test
    void kafkasOwnKeysReachTheClientsUnchangedAlsoFromTheEnvironment() {
        Settings settings = Settings.load(
                null,
                Map.of("TOKENMETER_KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "TOKENMETER_KAFKA_LINGER_MS", "7"),
                MINIMUM);
        assertThat(KafkaSettings.from(settings).producer("gateway"))
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("linger.ms", "7")
                .containsEntry("bootstrap.servers", "broker:9092")
                .containsEntry("schema.registry.url", "http://registry:8081")
                .containsEntry("value.serializer", AvroSerializer.class.getName())
                .containsEntry("acks", "all");
    }

    @Test
    void theNumberOfPartitionsIsOursAndNoSettingOfKafkaAlsoFromTheEnvironment() {
        KafkaSettings kafka = KafkaSettings.from(Settings.load(
                null,
                Map.of(
                        "TOKENMETER_KAFKA_BOOTSTRAP_SERVERS", "broker:9092",
                        "TOKENMETER_KAFKA_SCHEMA_REGISTRY_URL", "http://registry:8081",
                        "TOKENMETER_KAFKA_TOPIC_PARTITIONS", "6"),
                Map.of()));
        assertThat(kafka.trafficPartitions()).isEqualTo(6);
        assertThat(kafka.streams()).doesNotContainKeys("topic.partitions", "topic-partitions");
    }

    @Test
    void anotherSerializerIsUsedWhenItsClassIsNamed() {
        Settings settings = Settings.load(
                null, Map.of("TOKENMETER_KAFKA_VALUE_SERIALIZER", ByteArraySerializer.class.getName()), MINIMUM);
        KafkaSettings kafka = KafkaSettings.from(settings);
        assertThat(kafka.valueSerializer()).isInstanceOf(ByteArraySerializer.class);
        assertThat(kafka.producer("x")).containsEntry("value.serializer", ByteArraySerializer.class.getName());
    }

    @Test
    void aClassThatIsNotThereIsNamed() {
        Settings settings = Settings.load(null, Map.of("TOKENMETER_KAFKA_VALUE_SERIALIZER", "no.such.Thing"), MINIMUM);
        assertThatThrownBy(() -> KafkaSettings.from(settings).valueSerde())
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("no.such.Thing is not on the class path");
    }

    @Test
    void theBrokersAddressMustBeSet() {
        assertThatThrownBy(() -> KafkaSettings.from(Settings.of(Map.of())))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("TOKENMETER_KAFKA_BOOTSTRAP_SERVERS");
    }
}
