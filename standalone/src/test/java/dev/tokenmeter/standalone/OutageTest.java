package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.embedded.registry.SchemaRegistry;
import dev.tokenmeter.gateway.GatewayMain;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.standalone.demo.DemoProvider;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway as a process, and everything that it depends on taken away under it. */
class OutageTest {
    private static final String CALL =
            "{\"model\":\"gpt-4o\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    private final HttpClient http = HttpClient.newHttpClient();
    private final int offset = RunningStandalone.freePortOffset();

    @TempDir
    private Path folder;

    @Test
    void everyAnsweredCallIsInTheLogAfterKafkaAndTheRegistryWereGoneAndTheGatewayWasKilled() throws Exception {
        try (DemoProvider provider = new DemoProvider()) {
            EmbeddedKafka kafka = kafka();
            SchemaRegistry registry = new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", 8081 + offset);
            Process gateway = gateway(provider);
            await("the gateway is ready", () -> health() == 200);
            call(5);

            registry.close();
            kafka.close();
            long begin = System.nanoTime();
            call(25);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .as("25 streams of some 100 ms, with nothing to write the events to")
                    .isLessThan(Duration.ofSeconds(25));
            gateway.destroyForcibly().waitFor();

            try (EmbeddedKafka kafkaAgain = kafka();
                    SchemaRegistry again =
                            new SchemaRegistry(kafkaAgain.bootstrapServers(), "127.0.0.1", 8081 + offset)) {
                assertThat(again.url()).isNotEmpty();
                gateway = gateway(provider);
                await("every event is in the log", () -> events().size() >= 30);
                call(1);
                await("the newest as well", () -> Set.copyOf(events()).size() == 31);
                gateway.destroy();
                assertThat(gateway.waitFor()).isNotNull();
            } finally {
                gateway.destroyForcibly();
            }
        }
    }

    private EmbeddedKafka kafka() {
        return new EmbeddedKafka(folder.resolve("kafka"), 9092 + offset, 0, Map.of());
    }

    private Process gateway(DemoProvider provider) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                GatewayMain.class.getName());
        builder.environment()
                .putAll(Map.of(
                        "TOKENMETER_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + (9092 + offset),
                        "TOKENMETER_KAFKA_SCHEMA_REGISTRY_URL", "http://127.0.0.1:" + (8081 + offset),
                        "TOKENMETER_GATEWAY_PORT", Integer.toString(8080 + offset),
                        "TOKENMETER_GATEWAY_MANAGEMENT_PORT", Integer.toString(9101 + offset),
                        "TOKENMETER_GATEWAY_OUTBOX_DIR",
                                folder.resolve("outbox").toString(),
                        "TOKENMETER_PROVIDERS_OPENAI_BASE_URL", provider.openAiBaseUrl()));
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        Path.of("target", "outage-gateway.log").toFile()))
                .start();
    }

    private int health() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + (9101 + offset) + "/health/ready"))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private void call(int times) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + (8080 + offset) + "/openai/v1/chat/completions"))
                .header("authorization", "Bearer own-key")
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(CALL))
                .build();
        for (int i = 0; i < times; i++) {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).endsWith("data: [DONE]\n\n");
        }
    }

    private List<UUID> events() {
        KafkaSettings kafka = KafkaSettings.from(Settings.of(Map.of(
                "kafka.bootstrap.servers", "127.0.0.1:" + (9092 + offset),
                "kafka.schema.registry.url", "http://127.0.0.1:" + (8081 + offset))));
        List<UUID> ids = new ArrayList<>();
        try (KafkaConsumer<String, UsageEvent> consumer = new KafkaConsumer<>(kafka.consumer(null))) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.USAGE.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(record -> ids.add(record.value().getEventId()));
            }
        }
        return ids;
    }
}
