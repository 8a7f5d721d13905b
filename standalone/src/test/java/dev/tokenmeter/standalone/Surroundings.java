package dev.tokenmeter.standalone;

import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.embedded.registry.SchemaRegistry;
import dev.tokenmeter.gateway.GatewayMain;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.Settings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** The gateway as a process, and a broker and a registry that can be taken away under it and come back as they were. */
final class Surroundings implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HttpClient http = HttpClient.newHttpClient();
    private final int offset = RunningStandalone.freePortOffset();
    private final Path folder;
    private EmbeddedKafka kafka;
    private SchemaRegistry registry;
    private Process gateway;

    Surroundings(Path folder) {
        this.folder = folder;
    }

    void startKafkaAndRegistry() {
        kafka = new EmbeddedKafka(folder.resolve("kafka"), 9092 + offset, 0, Map.of());
        registry = new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", 8081 + offset);
    }

    void stopKafkaAndRegistry() {
        if (registry != null) {
            registry.close();
            registry = null;
        }
        if (kafka != null) {
            kafka.close();
            kafka = null;
        }
    }

    /** @param openAi base URL of the provider {@code openai} */
    void startGateway(String openAi) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                GatewayMain.class.getName());
        Map<String, String> environment = new HashMap<>();
        environment.put("TOKENMETER_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + (9092 + offset));
        environment.put("TOKENMETER_KAFKA_SCHEMA_REGISTRY_URL", "http://127.0.0.1:" + (8081 + offset));
        environment.put("TOKENMETER_GATEWAY_PORT", Integer.toString(8080 + offset));
        environment.put("TOKENMETER_GATEWAY_MANAGEMENT_PORT", Integer.toString(9101 + offset));
        environment.put(
                "TOKENMETER_GATEWAY_OUTBOX_DIR", folder.resolve("outbox").toString());
        environment.put("TOKENMETER_PROVIDERS_OPENAI_BASE_URL", openAi);
        environment.put("TOKENMETER_PROVIDERS_OPENAI_API_KEY", "sk-upstream");
        builder.environment().putAll(environment);
        gateway = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        Path.of("target", "outage-gateway.log").toFile()))
                .start();
    }

    void killGateway() throws InterruptedException {
        gateway.destroyForcibly().waitFor();
    }

    Process gateway() {
        return gateway;
    }

    URI chatCompletions() {
        return URI.create("http://127.0.0.1:" + (8080 + offset) + "/openai/v1/chat/completions");
    }

    boolean isReady() throws Exception {
        return management("/health/ready").statusCode() == 200;
    }

    /** The sum of a metric's series; 0 when it has none. */
    double metric(String name) throws Exception {
        return management("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private HttpResponse<String> management(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + (9101 + offset) + path))
                .timeout(PATIENCE)
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    KafkaSettings clients() {
        return KafkaSettings.from(Settings.of(Map.of(
                "kafka.bootstrap.servers", "127.0.0.1:" + (9092 + offset),
                "kafka.schema.registry.url", "http://127.0.0.1:" + (8081 + offset))));
    }

    /** All usage events that are in the log now. */
    List<UsageEvent> events() {
        List<UsageEvent> events = new ArrayList<>();
        try (KafkaConsumer<String, UsageEvent> consumer =
                new KafkaConsumer<>(clients().consumer(null))) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.USAGE.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> events.add(record.value()));
            }
        }
        return events;
    }

    @Override
    public void close() {
        if (gateway != null) {
            gateway.destroyForcibly();
        }
        stopKafkaAndRegistry();
    }
}
