package dev.tokenmeter.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.tokenmeter.alerting.ReceiverTrial;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.standalone.cli.AlertsCommand;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AlertsCommandTest {
    @TempDir
    private Path folder;

    private final List<String> bodies = Collections.synchronizedList(new ArrayList<>());
    private final HttpServer receiver;
    private volatile int status = 200;

    AlertsCommandTest() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        receiver.createContext("/", exchange -> {
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] answer = "invalid_token".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.stop(0);
    }

    private record Run(int exit, String out) {}

    private Run run(String... args) throws IOException {
        Path config = Files.writeString(
                folder.resolve("s.yaml"), """
                alerting:
                  external-url: https://usage.example.com
                  receivers:
                    ops: {type: webhook, url: "http://127.0.0.1:%d/s3cret"}
                """.formatted(receiver.getAddress().getPort()));
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--config", config.toString()));
        PrintStream stdout = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            CommandLine commandLine = new CommandLine(new AlertsCommand());
            return new Run(commandLine.execute(all.toArray(String[]::new)), out.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(stdout);
        }
    }

    @Test
    void aTestIsMarkedAsOneAndTheAnswerIsPrinted() throws Exception {
        Run run = run("test", "ops");
        assertThat(run.exit()).isEqualTo(0);
        assertThat(run.out()).contains("Delivered to ops: HTTP 200: invalid_token");
        JsonObject data = new JsonObject(bodies.get(0)).getJsonObject("data");
        assertThat(data.getString("reason")).isEqualTo("test");
        assertThat(data.getJsonArray("alerts").getJsonObject(0).getString("summary"))
                .isEqualTo("This is a test of receiver ops. Nothing has happened, nobody needs to act.");
    }

    @Test
    void theIncidentOfATestCanBeClosed() throws Exception {
        run("test", "ops");
        run("test", "ops", "--resolved");
        JsonObject first = new JsonObject(bodies.get(0)).getJsonObject("data");
        JsonObject second = new JsonObject(bodies.get(1)).getJsonObject("data");
        assertThat(second.getString("state")).isEqualTo("resolved");
        assertThat(second.getString("group_key")).isEqualTo(first.getString("group_key"));
    }

    @Test
    void aReceiverThatDoesNotTakeItIsAFailure() throws Exception {
        status = 403;
        Run run = run("test", "ops");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).contains("NOT delivered to ops: HTTP 403: invalid_token");
        assertThat(run.out()).doesNotContain("s3cret");
    }

    @Test
    void aReceiverThatThereIsNotIsNamedWithThoseThatThereAre() {
        assertThatThrownBy(() -> ReceiverTrial.send(
                        Settings.of(Map.of(
                                "alerting.receivers.ops.type", "slack", "alerting.receivers.ops.url", "http://a")),
                        "opps",
                        false))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("alerting.receivers.opps")
                .hasMessageContaining("allowed: ops");
    }
}
