package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.gateway.attribution.KeyDirectory;
import dev.tokenmeter.gateway.batch.BatchDirectory;
import dev.tokenmeter.gateway.cap.BudgetDirectory;
import dev.tokenmeter.gateway.outbox.EventSink;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.ServiceFactory;
import dev.tokenmeter.service.ServiceMain;
import dev.tokenmeter.service.Settings;
import io.vertx.core.http.HttpServerRequest;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway in a process of its own, which is told to stop in the middle of a stream. */
class SigtermTest {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    @Timeout(
            value = 60,
            threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a read of a child's output cannot be interrupted
    void aStreamUnderWayEndsWholeItsEventIsDeliveredAndNobodyElseGetsIn(@TempDir Path dir) throws Exception {
        AtomicReference<HttpServerRequest> underWay = new AtomicReference<>();
        String stream = Upstream.fixture("compatible-usage-on-finish.sse").toString();
        int half = stream.indexOf("\n\n") + 2;
        try (Upstream upstream = new Upstream()) {
            upstream.answer(request -> {
                request.response()
                        .putHeader("content-type", "text/event-stream")
                        .setChunked(true);
                request.response().write(stream.substring(0, half));
                underWay.set(request);
            });
            Process child = start(dir, upstream.port());
            try (BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream()))) {
                int port = Integer.parseInt(after(out, "calls on port "));
                int management = Integer.parseInt(after(out, "metrics and health on port "));
                HttpRequest call = HttpRequest.newBuilder(uri(port, "/openai/v1/chat/completions"))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}"))
                        .build();
                InputStream body = HTTP.send(call, HttpResponse.BodyHandlers.ofInputStream())
                        .body();
                String seen = new String(body.readNBytes(half), StandardCharsets.UTF_8);
                assertThat(get(management, "/health/ready").statusCode()).isEqualTo(200);

                child.toHandle().destroy(); // Process.destroy() would close its output as well

                await().untilAsserted(() -> {
                    HttpResponse<String> ready = get(management, "/health/ready");
                    assertThat(ready.statusCode()).isEqualTo(503);
                    assertThat(ready.body()).contains("proxy: down (stopping)");
                });
                await().untilAsserted(() ->
                        assertThatThrownBy(() -> get(port, "/health/live")).isInstanceOf(ConnectException.class));
                upstream.vertx().runOnContext(now -> underWay.get().response().end(stream.substring(half)));
                seen += new String(body.readAllBytes(), StandardCharsets.UTF_8);
                assertThat(seen).isEqualTo(stream);
                assertThat(after(out, "event ")).startsWith("completed ");
                assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
            } finally {
                child.destroyForcibly();
            }
        }
    }

    private static URI uri(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static HttpResponse<String> get(int port, String path) throws Exception {
        HttpClient fresh = HttpClient.newHttpClient();
        return fresh.send(HttpRequest.newBuilder(uri(port, path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String after(BufferedReader out, String word) throws Exception {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.contains(word)) {
                return line.substring(line.indexOf(word) + word.length());
            }
        }
        throw new AssertionError("the gateway said no '" + word + "' before it ended");
    }

    private static Process start(Path dir, int upstreamPort) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName())
                .redirectError(dir.resolve("errors").toFile());
        builder.environment().put("TOKENMETER_GATEWAY_PORT", "0");
        builder.environment().put("TOKENMETER_GATEWAY_MANAGEMENT_PORT", "0");
        builder.environment()
                .put("TOKENMETER_GATEWAY_OUTBOX_DIR", dir.resolve("outbox").toString());
        builder.environment().put("TOKENMETER_PROVIDERS_OPENAI_BASE_URL", "http://127.0.0.1:" + upstreamPort + "/v1");
        builder.environment().put("TOKENMETER_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
        builder.environment().put("TOKENMETER_KAFKA_SCHEMA_REGISTRY_URL", "http://127.0.0.1:1");
        return builder.start();
    }

    /** The gateway as its main class runs it, but for where events go: to standard output, once it is being stopped. */
    static final class Child {
        public static void main(String[] args) {
            ServiceMain.run(new Factory(), args);
        }
    }

    /** Holds events back until the shutdown, so that only the flush can deliver them. */
    private static final class Printer implements EventSink {
        private final CountDownLatch stopping;

        Printer(CountDownLatch stopping) {
            this.stopping = stopping;
        }

        @Override
        public CompletionStage<Void> publish(UsageEvent event) {
            try {
                stopping.await();
            } catch (InterruptedException e) {
                return CompletableFuture.failedFuture(e);
            }
            System.out.println("event " + event.getOutcome() + " " + event.getEventId());
            return CompletableFuture.completedFuture(null);
        }
    }

    private static final class Factory implements ServiceFactory {
        @Override
        public String section() {
            return "gateway";
        }

        @Override
        public Set<String> sections() {
            return new GatewayServiceFactory().sections();
        }

        @Override
        public int managementPort() {
            return 0;
        }

        @Override
        public Service create(Settings settings, ServiceContext context) {
            KeyDirectory keys = new KeyDirectory();
            keys.markCaughtUp();
            BudgetDirectory budgets = new BudgetDirectory(Clock.systemUTC());
            budgets.definitions().markCaughtUp();
            budgets.statuses().markCaughtUp();
            CountDownLatch stopping = new CountDownLatch(1);
            GatewayService service = new GatewayService(
                    GatewayConfig.from(settings),
                    context,
                    TestGateway.PRICER,
                    keys,
                    budgets,
                    new BatchDirectory(10),
                    () -> new Printer(stopping),
                    batch -> {});
            return new Announced(service, stopping);
        }
    }

    /** Says on which ports it is. */
    private record Announced(GatewayService service, CountDownLatch stopping) implements Service {
        @Override
        public String name() {
            return service.name();
        }

        @Override
        public void start() {
            service.start();
            System.out.println("calls on port " + service.port());
        }

        @Override
        public void close() {
            stopping.countDown();
            service.close();
        }
    }
}
