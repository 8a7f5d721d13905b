package dev.tokenmeter.embedded.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.embedded.registry.SchemaRegistry;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.serde.AvroDeserializer;
import dev.tokenmeter.schemas.serde.AvroSerializer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our topics are for anybody's client, here one in another language, by other people, that has no schema of ours. */
class KafkaJsTest {
    private static final Path NODE = Path.of("src/test/node");
    private static final int EVENTS = 5;

    @TempDir
    Path dir;

    @Test
    void aNodeProgramReadsOurEventsAndWritesEventsThatWeRead() throws Exception {
        run(List.of("npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"));
        try (EmbeddedKafka kafka = new EmbeddedKafka(dir, 0, 0, Map.of());
                SchemaRegistry registry = new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", 0)) {
            Map<String, Object> settings =
                    Map.of("bootstrap.servers", kafka.bootstrapServers(), "schema.registry.url", registry.url());
            createTopics(kafka, "usage", "copy");
            List<UsageEvent> sent =
                    IntStream.range(0, EVENTS).mapToObj(KafkaJsTest::event).toList();
            write(settings, sent);

            List<String> printed = run(List.of(
                    "node",
                    "interop.js",
                    kafka.bootstrapServers(),
                    registry.url(),
                    "usage",
                    Integer.toString(EVENTS),
                    "copy"));

            assertThat(printed).hasSize(EVENTS);
            for (int i = 0; i < EVENTS; i++) {
                assertSame(sent.get(i), new ObjectMapper().readTree(printed.get(i)));
            }
            assertThat(read(settings)).isEqualTo(sent);
        }
    }

    private static UsageEvent event(int n) {
        BigDecimal cost =
                new BigDecimal("0.000000000001").add(BigDecimal.valueOf(n)).setScale(12);
        return UsageEvent.newBuilder()
                .setEventId(new UUID(0, n))
                .setOccurredAt(Instant.parse("2026-11-23T13:15:58.123456Z").plusSeconds(n))
                .setGatewayId("gw-1")
                .setTenant("acme")
                .setApiKeyId("key-" + n)
                .setTags(Map.of("team", "søk"))
                .setProvider("openai")
                .setModel("gpt-x")
                .setOperation("chat")
                .setOutcome(Outcome.completed)
                .setUncachedInputTokens(1_000L + n)
                .setUnits(Map.of("web_search_requests", new BigDecimal("2.000000000000")))
                .setCostUsd(n == 0 ? null : cost)
                .setCostParts(Map.of("uncached_input_tokens", cost))
                .build();
    }

    private static void assertSame(UsageEvent sent, JsonNode read) {
        assertThat(read.path("event_id").asText()).isEqualTo(sent.getEventId().toString());
        assertThat(read.path("tenant").asText()).isEqualTo("acme");
        assertThat(read.path("tags").path("team").asText()).isEqualTo("søk");
        assertThat(read.path("outcome").asText()).isEqualTo("completed");
        assertThat(read.path("uncached_input_tokens").asLong()).isEqualTo(sent.getUncachedInputTokens());
        // A client without decimals sees the bytes: the unscaled value, big-endian, to the last digit.
        byte[] unscaled = HexFormat.of()
                .parseHex(read.path("cost_parts").path("uncached_input_tokens").asText());
        assertThat(new BigDecimal(new BigInteger(unscaled), 12))
                .isEqualTo(sent.getCostParts().get("uncached_input_tokens"));
    }

    private static void createTopics(EmbeddedKafka kafka, String... names) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            for (String name : names) {
                admin.createTopics(List.of(new NewTopic(name, Optional.of(1), Optional.empty())))
                        .all()
                        .get();
            }
        }
    }

    private static void write(Map<String, Object> settings, List<UsageEvent> events) throws Exception {
        AvroSerializer<UsageEvent> serializer = new AvroSerializer<>();
        serializer.configure(settings, false);
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), serializer)) {
            for (UsageEvent event : events) {
                producer.send(new ProducerRecord<>("usage", event.getApiKeyId(), event))
                        .get();
            }
        }
    }

    private static List<UsageEvent> read(Map<String, Object> settings) {
        AvroDeserializer<UsageEvent> deserializer = new AvroDeserializer<>();
        deserializer.configure(settings, false);
        List<UsageEvent> events = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), deserializer)) {
            TopicPartition partition = new TopicPartition("copy", 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> events.add(record.value()));
            }
        }
        return events;
    }

    private List<String> run(List<String> command) throws Exception {
        Path output = dir.resolveSibling(dir.getFileName() + "-" + command.get(0) + ".out");
        Process process = new ProcessBuilder(command)
                .directory(NODE.toFile())
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(process.waitFor(300, TimeUnit.SECONDS))
                    .as("%s ends", command)
                    .isTrue();
            assertThat(process.exitValue()).as("status of %s", command).isZero();
            return Files.readAllLines(output, StandardCharsets.UTF_8);
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(output);
        }
    }
}
