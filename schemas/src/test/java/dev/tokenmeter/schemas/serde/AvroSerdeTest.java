package dev.tokenmeter.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AvroSerdeTest {
    private static final String TOPIC = "llm.usage.v1";

    private RegistryStub registry;

    @BeforeEach
    void startRegistry() throws Exception {
        registry = new RegistryStub();
    }

    @AfterEach
    void stopRegistry() {
        registry.close();
    }

    @Test
    void anEventComesBackAsItWentIn() {
        UsageEvent event = event();
        byte[] bytes = serializer(Map.of()).serialize(TOPIC, event);
        assertThat(bytes[0]).isZero();
        assertThat(ByteBuffer.wrap(bytes, 1, 4).getInt()).isEqualTo(1);
        assertThat(this.<UsageEvent>deserializer(Map.of()).deserialize(TOPIC, bytes))
                .isEqualTo(event);
    }

    @Test
    void anEventThatIsEncodedAlreadyBecomesTheSameRecord() {
        UsageEvent event = event();
        AvroSerializer<UsageEvent> serializer = serializer(Map.of());
        byte[] encoded = new RecordEncoder(UsageEvent.getClassSchema()).encode(event, new byte[] {7, 7, 7});
        assertThat(serializer.serializeEncoded(TOPIC, UsageEvent.getClassSchema(), encoded, 3))
                .isEqualTo(serializer.serialize(TOPIC, event));
    }

    @Test
    void theRegistryIsAskedOnceASchema() {
        AvroSerializer<UsageEvent> serializer = serializer(Map.of());
        AvroDeserializer<UsageEvent> deserializer = deserializer(Map.of());
        for (int i = 0; i < 3; i++) {
            deserializer.deserialize(TOPIC, serializer.serialize(TOPIC, event()));
        }
        assertThat(registry.requests)
                .containsExactly("POST /subjects/llm.usage.v1-value/versions?normalize=false", "GET /schemas/ids/1");
    }

    @ParameterizedTest
    @CsvSource({
        "TopicNameStrategy, llm.usage.v1-value",
        "io.confluent.kafka.serializers.subject.RecordNameStrategy, dev.tokenmeter.schemas.UsageEvent",
        "TopicRecordNameStrategy, llm.usage.v1-dev.tokenmeter.schemas.UsageEvent"
    })
    void confluentsSubjectNameStrategiesAreUnderstood(String strategy, String subject) {
        serializer(Map.of("value.subject.name.strategy", strategy)).serialize(TOPIC, event());
        assertThat(registry.requests).containsExactly("POST /subjects/" + subject + "/versions?normalize=false");
    }

    @Test
    void withoutAutoRegistrationTheSchemaIsOnlyLookedUp() {
        serializer(Map.of("auto.register.schemas", false)).serialize(TOPIC, event());
        assertThat(registry.requests).containsExactly("POST /subjects/llm.usage.v1-value?normalize=false");
    }

    @Test
    void theLatestVersionIsUsedWhenAskedFor() {
        serializer(Map.of()).serialize(TOPIC, event());
        registry.requests.clear();
        byte[] bytes = serializer(Map.of("auto.register.schemas", false, "use.latest.version", true))
                .serialize(TOPIC, event());
        assertThat(registry.requests).containsExactly("GET /subjects/llm.usage.v1-value/versions/latest");
        assertThat(this.<UsageEvent>deserializer(Map.of()).deserialize(TOPIC, bytes))
                .isEqualTo(event());
    }

    @Test
    void basicAuthenticationIsSentAsConfigured() {
        serializer(Map.of("basic.auth.credentials.source", "USER_INFO", "basic.auth.user.info", "me:secret"))
                .serialize(TOPIC, event());
        assertThat(registry.authorization).isEqualTo("Basic bWU6c2VjcmV0");
    }

    @Test
    void aGenericReaderGetsAGenericRecord() {
        byte[] bytes = serializer(Map.of()).serialize(TOPIC, event());
        GenericRecord record = this.<GenericRecord>deserializer(Map.of("specific.avro.reader", false))
                .deserialize(TOPIC, bytes);
        assertThat(record.get("tenant")).hasToString("acme");
    }

    @Test
    void bytesThatCanNeverBeReadAreTheRecordsFault() {
        AvroDeserializer<UsageEvent> deserializer = deserializer(Map.of());
        byte[] good = serializer(Map.of()).serialize(TOPIC, event());
        byte[] wrongMagic = good.clone();
        wrongMagic[0] = 1;
        byte[] unknownId = good.clone();
        unknownId[4] = 99;
        byte[] cut = Arrays.copyOf(good, good.length - 3);
        byte[] tail = Arrays.copyOf(good, good.length + 1);
        for (byte[] bad : new byte[][] {wrongMagic, unknownId, cut, tail, {0, 0}, {}}) {
            assertThatThrownBy(() -> deserializer.deserialize(TOPIC, bad)).isInstanceOf(SerializationException.class);
        }
    }

    @Test
    void aRegistryThatIsDownIsNotTheRecordsFault() {
        byte[] good = serializer(Map.of()).serialize(TOPIC, event());
        registry.failing = true;
        AvroDeserializer<UsageEvent> deserializer = deserializer(Map.of());
        assertThatThrownBy(() -> deserializer.deserialize(TOPIC, good)).isInstanceOf(RetriableException.class);
        registry.failing = false;
        assertThat(deserializer.deserialize(TOPIC, good)).isEqualTo(event());
    }

    @Test
    void aMissingRegistryAddressIsNamed() {
        try (AvroSerializer<UsageEvent> serializer = new AvroSerializer<>()) {
            assertThatThrownBy(() -> serializer.configure(Map.of(), false))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("schema.registry.url");
        }
    }

    private AvroSerializer<UsageEvent> serializer(Map<String, ?> configs) {
        AvroSerializer<UsageEvent> serializer = new AvroSerializer<>();
        serializer.configure(with(configs), false);
        return serializer;
    }

    private <T extends IndexedRecord> AvroDeserializer<T> deserializer(Map<String, ?> configs) {
        AvroDeserializer<T> deserializer = new AvroDeserializer<>();
        deserializer.configure(with(configs), false);
        return deserializer;
    }

    private Map<String, Object> with(Map<String, ?> configs) {
        Map<String, Object> all = new HashMap<>(configs);
        all.put("schema.registry.url", registry.url());
        return all;
    }

    private static UsageEvent event() {
        return UsageEvent.newBuilder()
                .setEventId(UUID.fromString("01935a3c-0000-7000-8000-000000000001"))
                .setOccurredAt(Instant.parse("2026-11-23T12:00:00.123456Z"))
                .setGatewayId("gw-1")
                .setTenant("acme")
                .setApiKeyId("key_1")
                .setTags(Map.of("team", "growth"))
                .setProvider("openai")
                .setModel("gpt-4o")
                .setOperation("chat")
                .setOutcome(Outcome.completed)
                .setHttpStatus(200)
                .setUncachedInputTokens(12)
                .setTextOutputTokens(34)
                .setUnits(Map.of("seconds", new BigDecimal("1.500000000000")))
                .setUsageSource(UsageSource.provider)
                .setCostUsd(new BigDecimal("0.000370000000"))
                .setCostParts(Map.of("text_output_tokens", new BigDecimal("0.000340000000")))
                .build();
    }
}
