package dev.tokenmeter.embedded.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.embedded.registry.SchemaRegistry;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.serde.AvroSerializer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The subscribers in docs/examples do what docs/alerts.md says. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AlertSubscribersTest {
    private static final Path EXAMPLES =
            Path.of("..", "docs", "examples").toAbsolutePath().normalize();
    private static final Path NODE = Path.of("src/test/node").toAbsolutePath();

    private static final List<String> TOLD = List.of(
            "firing critical acme: Spent too much. [812.404000000000 USD] https://usage.example.com/?tenant=acme",
            "firing warning søk: No price.",
            "resolved critical acme: Fine again. [-0.000000000001 USD] https://usage.example.com/?tenant=acme");

    @TempDir
    private Path dir;

    private EmbeddedKafka kafka;
    private SchemaRegistry registry;

    @BeforeEach
    void start() throws Exception {
        kafka = new EmbeddedKafka(dir, 0, 0, Map.of());
        registry = new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(Topics.ALERTS.spec(1))).all().get();
        }
        Alert first = alert("a", "acme").build();
        Alert second = alert("b", "søk")
                .setSeverity("warning")
                .setSummary("No price.")
                .setObservedUsd(null)
                .setPageUrl(null)
                .build();
        Alert third = Alert.newBuilder(first)
                .setState(AlertState.resolved)
                .setSummary("Fine again.")
                .setObservedUsd(Money.exact(new BigDecimal("-0.000000000001")))
                .build();
        AvroSerializer<Alert> serializer = new AvroSerializer<>();
        Map<String, Object> settings =
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "schema.registry.url", registry.url());
        serializer.configure(settings, false);
        try (KafkaProducer<String, Alert> producer =
                new KafkaProducer<>(settings, new StringSerializer(), serializer)) {
            // The first comes twice, as after a crash of a subscriber.
            for (Alert step : List.of(first, first, second, third)) {
                producer.send(new ProducerRecord<>(Topics.ALERTS.topicName(), step.getAlertId(), step))
                        .get();
            }
        }
    }

    private static Alert.Builder alert(String id, String tenant) {
        Instant now = Instant.parse("2026-11-24T12:00:00Z");
        return Alert.newBuilder()
                .setAlertId(id)
                .setKind("budget_threshold")
                .setState(AlertState.firing)
                .setSeverity("critical")
                .setTenant(tenant)
                .setSummary("Spent too much.")
                .setObservedUsd(Money.exact(new BigDecimal("812.404")))
                .setWindowStart(now)
                .setWindowEnd(now)
                .setStartsAt(now)
                .setUpdatedAt(now)
                .setPageUrl("https://usage.example.com/?tenant=" + tenant);
    }

    @AfterEach
    void stop() {
        registry.close();
        kafka.close();
    }

    @Test
    void theOneInJavaTellsEachStepOnceInOrder() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        ProcessBuilder command = new ProcessBuilder(
                java.toString(),
                "-Dfile.encoding=UTF-8",
                "-Dstdout.encoding=UTF-8",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                EXAMPLES.resolve("AlertSubscriber.java").toString(),
                kafka.bootstrapServers(),
                registry.url());
        assertThat(told(command)).isEqualTo(TOLD);
    }

    @Test
    void theOneInJavaScriptTellsEachStepOnceInOrder() throws Exception {
        Process install = new ProcessBuilder("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                .directory(NODE.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(install.waitFor()).isZero();
        ProcessBuilder command = new ProcessBuilder(
                "node", EXAMPLES.resolve("alert-subscriber.js").toString(), kafka.bootstrapServers(), registry.url());
        command.environment().put("NODE_PATH", NODE.resolve("node_modules").toString());
        assertThat(told(command)).isEqualTo(TOLD);
    }

    /** What it says, until it has said enough; it runs until it is stopped. */
    private static List<String> told(ProcessBuilder command) throws Exception {
        Process process = command.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        List<String> told = new ArrayList<>();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.matches("(firing|resolved) .*")) {
                    told.add(line);
                    if (told.size() == TOLD.size()) {
                        return told;
                    }
                }
            }
            return told;
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }
}
