package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokenmeter.gateway.observe.AccessLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What is written about calls, and what is not. */
class AccessLogTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    private Path file() {
        return dir.resolve("access.log");
    }

    private TestGateway gateway(String... more) throws Exception {
        String[] settings = {"gateway.access-log.enabled", "true", "gateway.access-log.file", file().toString()};
        String[] all = java.util.Arrays.copyOf(settings, settings.length + more.length);
        System.arraycopy(more, 0, all, settings.length, more.length);
        return new TestGateway(dir, all);
    }

    private List<JsonNode> lines(int count) throws IOException {
        await().until(() -> Files.exists(file()) && Files.readAllLines(file()).size() >= count);
        return Files.readAllLines(file()).stream().map(AccessLogTest::json).toList();
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new IllegalArgumentException(line, e);
        }
    }

    @Test
    void eachCallIsOneLineWithWhatItsEventSays() throws Exception {
        try (TestGateway gateway = gateway()) {
            gateway.key("tm-secret", "acme", Map.of(), true, Instant.now().plusSeconds(60));
            gateway.upstream.answerJson("openai-chat.json");
            gateway.post(CHAT + "?api-version=1", "{\"model\":\"gpt-4o\"}", "authorization", "Bearer tm-secret");
            JsonNode line = lines(1).get(0);
            assertThat(line.path("event_id").asText())
                    .isEqualTo(gateway.event().getEventId().toString());
            assertThat(line.path("method").asText()).isEqualTo("POST");
            assertThat(line.path("path").asText()).isEqualTo(CHAT);
            assertThat(line.path("client_address").asText()).isEqualTo("127.0.0.1");
            assertThat(line.path("tenant").asText()).isEqualTo("acme");
            assertThat(line.path("api_key_id").asText()).isEqualTo("key_acme");
            assertThat(line.path("status").asInt()).isEqualTo(200);
            assertThat(line.path("outcome").asText()).isEqualTo("completed");
            assertThat(line.path("attempt").asInt()).isEqualTo(1);
            assertThat(line.path("output_tokens").asLong()).isPositive();
            assertThat(line.path("cost_usd").asText()).isEqualTo("0.000000000123");
            assertThat(line.has("latency_ms")).isTrue();
            assertThat(line.has("overhead_us")).isTrue();
        }
    }

    @Test
    void refusedAndUnmeteredCallsAreLinesToo() throws Exception {
        try (TestGateway gateway = gateway("gateway.pass-through.enabled", "false")) {
            gateway.post("/nobody/v1", "{}");
            gateway.post(CHAT, "{}", "authorization", "Bearer wrong");
            gateway.key("tm-secret", "acme", Map.of(), true, Instant.now().plusSeconds(60));
            gateway.post("/anthropic/v1/messages/count_tokens", "{}", "x-api-key", "tm-secret");
            List<JsonNode> lines = lines(3);
            assertThat(lines).extracting(line -> line.path("status").asInt()).containsExactly(404, 401, 200);
            assertThat(lines.get(0).path("error_code").asText()).isEqualTo("unknown_provider");
            assertThat(lines.get(1).path("error_code").asText()).isNotEmpty();
            assertThat(lines.get(2).path("provider").asText()).isEqualTo("anthropic");
        }
    }

    @Test
    void nothingOfPromptsAnswersAndSecretsIsInAnyLogMetricSpanOrEvent() throws Exception {
        List<String> secrets = List.of(
                "tm-virtual-secret",
                "sk-own-secret",
                "AIza-query-secret",
                "sk-configured",
                "otlp-secret",
                "whisper this to nobody");
        Kept log = new Kept();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Logger ours = (Logger) LoggerFactory.getLogger("dev.tokenmeter");
        root.addAppender(log);
        log.start();
        ours.setLevel(Level.ALL);
        try (Collector collector = new Collector();
                TestGateway gateway = gateway(
                        "gateway.otlp.endpoint",
                        collector.endpoint(),
                        "gateway.otlp.headers.authorization",
                        "otlp-secret",
                        "gateway.otlp.bsp-schedule-delay",
                        "50ms")) {
            callEveryWay(gateway);
            await().untilAsserted(() -> assertThat(gateway.sink.events().size()).isEqualTo(6));
            await().untilAsserted(() -> assertThat(collector.spans.size()).isEqualTo(5));
            lines(7);
            String everything = Files.readString(file())
                    + gateway.meters.scrape()
                    + gateway.sink.events()
                    + collector.spans
                    + String.join("\n", log.lines)
                    + gateway.health.ready();
            assertThat(lines(7)).hasSize(7);
            assertThat(everything).contains("key_acme").doesNotContain(secrets);
        } finally {
            ours.setLevel(null);
            root.detachAppender(log);
        }
    }

    /** Well, refused, failing, unreachable, with each kind of key. */
    private static void callEveryWay(TestGateway gateway) throws Exception {
        String body = "{\"model\":\"gpt-4o\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":"
                + "\"whisper this to nobody\"}]}";
        gateway.key("tm-virtual-secret", "acme", Map.of(), true, Instant.now().plusSeconds(60));
        String[] virtual = {"authorization", "Bearer tm-virtual-secret"};
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "application/json")
                .end("{\"model\":\"gpt-4o\",\"choices\":[{\"message\":{\"content\":\"whisper this to nobody\"}}]}"));
        gateway.post(CHAT, body.formatted(false), virtual);
        gateway.post(CHAT, body.formatted(false), "authorization", "Bearer sk-own-secret");
        gateway.post("/gemini/v1beta/models/g:generateContent?key=AIza-query-secret", body.formatted(false));
        gateway.upstream.answer(request -> request.response()
                .setStatusCode(400)
                .end("{\"error\":{\"message\":\"bad: whisper this to nobody, key sk-own-secret\"}}"));
        gateway.post(CHAT, body.formatted(true), virtual);
        gateway.upstream.answer(request -> request.connection().close());
        gateway.post(CHAT, body.formatted(true), virtual);
        gateway.post("/gemini/../etc?key=AIza-query-secret", "{}");
        gateway.key("tm-virtual-secret", "acme", Map.of(), false, null);
        gateway.post(CHAT, body.formatted(true), virtual);
    }

    @Test
    void whatFindsNoRoomIsDroppedAndCountedAndHoldsNobodyUp() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        AppenderBase<ILoggingEvent> slow = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                try {
                    stuck.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        slow.start();
        Logger logger = (Logger) LoggerFactory.getLogger(AccessLog.LOGGER);
        logger.addAppender(slow);
        try (TestGateway gateway = gateway("gateway.access-log.queue", "2")) {
            gateway.upstream.answerJson("openai-chat.json");
            for (int i = 0; i < 10; i++) {
                assertThat(gateway.post(CHAT, "{}").statusCode()).isEqualTo(200);
            }
            assertThat(gateway.meters
                            .get("tokenmeter.gateway.access.log.dropped.lines")
                            .counter()
                            .count())
                    .isBetween(7.0, 8.0);
            stuck.countDown();
        } finally {
            logger.detachAppender(slow);
        }
    }

    @Test
    void aFullFileIsPutAsideAndTheOldestFilesGo() throws Exception {
        try (TestGateway gateway =
                gateway("gateway.access-log.max-file-bytes", "1024", "gateway.access-log.max-total-bytes", "4096")) {
            gateway.upstream.answerJson("openai-chat.json");
            for (int i = 0; i < 40; i++) {
                gateway.post(CHAT, "{}");
            }
        }
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files.filter(path -> path.getFileName().toString().startsWith("access.log.")))
                    .isNotEmpty();
        }
    }

    /** Keeps what is logged. */
    private static final class Kept extends AppenderBase<ILoggingEvent> {
        final Queue<String> lines = new ConcurrentLinkedQueue<>();

        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getLoggerName() + " " + event.getFormattedMessage() + " "
                    + (event.getThrowableProxy() == null
                            ? ""
                            : event.getThrowableProxy().getMessage()));
        }
    }
}
