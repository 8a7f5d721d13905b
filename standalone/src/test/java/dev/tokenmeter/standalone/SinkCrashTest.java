package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.storage.StorageMain;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The sink as a process of its own, from its own main class, killed with SIGKILL again and again while it writes. */
@ExtendWith(StandaloneExtension.class)
class SinkCrashTest {
    private static final int EVENTS = 30_000;
    private static final int KILLS = 3;

    private final RunningStandalone product;
    private long written;

    SinkCrashTest(RunningStandalone product) {
        this.product = product;
    }

    /** Its own consumer group and database, so that it alone must bring every event over. */
    @Test
    void noEventIsLostOrCountedTwiceOverKillNine() throws Exception {
        BigDecimal cost = BigDecimal.ZERO;
        Random random = new Random(11);
        try (KafkaProducer<String, UsageEvent> producer = product.producer()) {
            for (int i = 0; i < EVENTS; i++) {
                UsageEvent event = TestEvents.event("crash", i % 9, Instant.now(), random);
                cost = cost.add(event.getCostUsd());
                producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), event.getApiKeyId(), event));
            }
        }
        for (int kill = 0; kill < KILLS; kill++) {
            Process sink = startSink();
            try {
                long before = written;
                await("rows after a start", () -> {
                    written = rows();
                    return written > before || written == EVENTS;
                });
            } finally {
                sink.destroyForcibly().waitFor();
            }
        }
        Process sink = startSink();
        try {
            await("all rows", () -> rows() == EVENTS);
            assertThat(new BigDecimal(
                            query("select sum(cost_usd) from crash.usage_events final where tenant = 'crash'")))
                    .isEqualByComparingTo(cost);
        } finally {
            sink.destroyForcibly().waitFor();
        }
    }

    private Process startSink() throws IOException {
        Settings settings = product.standalone.settings();
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                StorageMain.class.getName());
        builder.environment()
                .putAll(Map.of(
                        "TOKENMETER_KAFKA_BOOTSTRAP_SERVERS", settings.required("kafka.bootstrap.servers"),
                        "TOKENMETER_KAFKA_SCHEMA_REGISTRY_URL", settings.required("kafka.schema.registry.url"),
                        "TOKENMETER_KAFKA_SESSION_TIMEOUT_MS", "6000",
                        "TOKENMETER_CLICKHOUSE_URL", settings.required("clickhouse.url"),
                        "TOKENMETER_CLICKHOUSE_PASSWORD", settings.required("clickhouse.password"),
                        "TOKENMETER_CLICKHOUSE_DATABASE", "crash",
                        "TOKENMETER_STORAGE_GROUP_ID", "crash-test",
                        "TOKENMETER_STORAGE_SINK_MAX_BATCH_ROWS", "500",
                        "TOKENMETER_STORAGE_MANAGEMENT_PORT", "0"));
        return builder.redirectErrorStream(true)
                .redirectOutput(Path.of("target", "crash-sink.log").toFile())
                .start();
    }

    private long rows() throws Exception {
        return Long.parseLong(query("select count() from crash.usage_events final where tenant = 'crash'"));
    }

    private String query(String sql) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(product.standalone.settings().required("clickhouse.url")))
                .header("X-ClickHouse-User", "default")
                .header("X-ClickHouse-Key", product.standalone.settings().required("clickhouse.password"))
                .POST(HttpRequest.BodyPublishers.ofString(sql))
                .build();
        var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(answer.body());
        }
        return answer.body().strip();
    }
}
