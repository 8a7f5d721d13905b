package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.schemas.Outcome;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A request that does not come is given up, and the memory that it holds with it. */
@Timeout(60)
class SlowUploadTest {
    private TestGateway gateway;

    @BeforeEach
    void start(@TempDir Path dir) throws Exception {
        gateway = new TestGateway(dir, "gateway.request-idle-timeout", "2s", "gateway.request-timeout", "5s");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private Socket begin(String path, String contentType) throws IOException {
        Socket socket = new Socket("127.0.0.1", gateway.service.port());
        socket.setSoTimeout(15_000);
        send(
                socket,
                "POST " + path + " HTTP/1.1\r\nhost: x\r\ncontent-type: " + contentType
                        + "\r\ncontent-length: 100000\r\n\r\n{\"model\":\"gpt-4o\"");
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    /** All until the gateway closes the connection. */
    private static String answer(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    @Test
    void aRequestThatStopsComingIsAnsweredAndItsConnectionClosed() throws Exception {
        try (Socket socket = begin("/openai/v1/chat/completions", "application/json")) {
            assertThat(answer(socket)).startsWith("HTTP/1.1 408 ").contains("request_timeout");
        }
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.blocked);
        assertThat(gateway.event().getCostUsd()).isZero();
        assertThat(gateway.upstream.seen).isEmpty();
    }

    @Test
    void aRequestThatTricklesIsGivenUpAsWell() throws Exception {
        long start = System.nanoTime();
        try (Socket socket = begin("/openai/v1/chat/completions", "application/json")) {
            Thread trickle = new Thread(() -> {
                try {
                    while (true) {
                        Thread.sleep(100);
                        send(socket, " ");
                    }
                } catch (IOException | InterruptedException closed) {
                    Thread.currentThread().interrupt();
                }
            });
            trickle.start();
            try {
                assertThat(answer(socket)).startsWith("HTTP/1.1 408 ");
            } catch (IOException reset) {
                assertThat(reset).hasMessageContaining("reset"); // what trickled in after the answer
            }
            trickle.interrupt();
            trickle.join();
        }
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isGreaterThan(4_900);
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.blocked);
    }

    @Test
    void aFileThatStopsComingIsGivenUpAtTheProviderToo() throws Exception {
        try (Socket socket = begin("/openai/v1/audio/transcriptions", "audio/mpeg")) {
            assertThat(answer(socket)).startsWith("HTTP/1.1 408 ");
        }
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.client_aborted);
        await().until(() -> gateway.upstream.cancelled.contains("/v1/audio/transcriptions"));
    }

    /** The client goes on sending what nobody wants; it must not do so for ever. */
    @Test
    void whatIsStillSentOfARefusedRequestIsNotTakenForEver(@TempDir Path other) throws Exception {
        gateway.close();
        gateway =
                new TestGateway(other, "gateway.request-idle-timeout", "1s", "gateway.max-request-body-bytes", "2000");
        try (Socket socket = begin("/openai/v1/chat/completions", "application/json")) {
            send(socket, " ".repeat(5_000));
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 413");
            await().until(() -> {
                try {
                    send(socket, " ");
                    return false;
                } catch (IOException closed) {
                    return true;
                }
            });
        }
    }

    @Test
    void beyondWhatMayBeHeldOfAllRequestsOneIsRefusedAndWhatHasGoneMakesRoom(@TempDir Path other) throws Exception {
        gateway.close();
        gateway =
                new TestGateway(other, "gateway.max-request-body-bytes", "200000", "gateway.max-held-bytes", "200000");
        gateway.upstream.answerJson("openai-chat.json");
        String half = "{\"model\":\"gpt-4o\",\"x\":\"" + "y".repeat(120_000) + "\"}";
        try (Socket socket = begin("/openai/v1/chat/completions", "application/json")) {
            send(socket, " ".repeat(90_000));
            await().until(() -> held() > 90_000);
            HttpResponse<String> refused = gateway.post("/openai/v1/chat/completions", half);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
            assertThat(refused.body()).contains("request_memory_full", "gateway.max-held-bytes");
            assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.blocked);
            assertThat(gateway.upstream.seen).isEmpty();
        }
        await().until(() -> held() == 0);
        assertThat(gateway.post("/openai/v1/chat/completions", half).statusCode())
                .isEqualTo(200);
        await().until(() -> held() == 0);
    }

    private double held() {
        return gateway.meters
                .get("tokenmeter.gateway.held.request.bytes")
                .gauge()
                .value();
    }

    @Test
    void anAnswerThatBeginsBeforeItsRequestHasEndedIsNotCutByTheRequestsTimeout(@TempDir Path other) throws Exception {
        Vertx vertx = gateway.upstream.vertx();
        HttpServer early = vertx.createHttpServer()
                .requestHandler(request -> {
                    request.response().setChunked(true).write("begun ");
                    request.endHandler(end ->
                            vertx.setTimer(5_000, later -> request.response().end("done")));
                })
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        try (TestGateway patient = new TestGateway(
                        other,
                        "gateway.request-timeout",
                        "3s",
                        "providers.early.base-url",
                        "http://127.0.0.1:" + early.actualPort());
                Socket socket = new Socket("127.0.0.1", patient.service.port())) {
            socket.setSoTimeout(20_000);
            send(
                    socket,
                    "POST /early/v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
                            + "content-type: audio/mpeg\r\ncontent-length: 4\r\n\r\nab");
            StringBuilder answer = new StringBuilder();
            while (!answer.toString().contains("begun ")) {
                answer.append((char) socket.getInputStream().read());
            }
            send(socket, "cd");
            assertThat(answer(socket)).contains("done");
        }
    }
}
