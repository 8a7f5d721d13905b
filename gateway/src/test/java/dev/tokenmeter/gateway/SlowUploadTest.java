package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.schemas.Outcome;
import java.io.IOException;
import java.net.Socket;
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
}
