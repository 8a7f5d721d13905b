package dev.tokenmeter.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.gateway.dialect.UsageReader;
import dev.tokenmeter.gateway.dialect.UsageReading;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerPumpTest {
    private static final String ANSWER = "{\"usage\":{\"total_tokens\":7}}";

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient();
    private final Promise<Void> metered = Promise.promise();
    private final AtomicBoolean metering = new AtomicBoolean();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** Holds the last part. */
    private static final class Reader implements UsageReader {
        private final StringBuilder seen = new StringBuilder();
        private Buffer held = Buffer.buffer();

        @Override
        public Buffer pass(Buffer chunk) {
            seen.append(chunk);
            if (!complete()) {
                return chunk;
            }
            held = chunk;
            return Buffer.buffer();
        }

        @Override
        public boolean complete() {
            return seen.toString().endsWith("}}");
        }

        @Override
        public Buffer takeHeld() {
            Buffer taken = held;
            held = Buffer.buffer();
            return taken;
        }

        @Override
        public boolean unreadable() {
            return false;
        }

        @Override
        public UsageReading reading(boolean endedWell) {
            return UsageReading.NOTHING;
        }
    }

    private int listen(io.vertx.core.Handler<HttpServerRequest> handler) {
        HttpServer server = vertx.createHttpServer().requestHandler(handler);
        return server.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    private int proxyOf(int upstream) {
        return listen(in -> client.request(HttpMethod.GET, upstream, "127.0.0.1", "/")
                .compose(request -> request.send())
                .onSuccess(answer -> {
                    HttpServerResponse out = in.response();
                    AnswerHead.copy(answer, out, false);
                    AnswerPump pump = new AnswerPump(
                            answer,
                            out,
                            new Reader(),
                            new CallClock(),
                            outcome -> {
                                metering.set(true);
                                return metered.future();
                            },
                            () -> {});
                    pump.start(() -> {}, () -> {});
                }));
    }

    private static void upstream(HttpServerResponse out, String framing) {
        switch (framing) {
            case "length" -> out.end(ANSWER);
            case "length, in two parts" -> {
                out.putHeader("content-length", Integer.toString(ANSWER.length()));
                out.write(ANSWER.substring(0, 9));
                out.end(ANSWER.substring(9));
            }
            default -> {
                out.setChunked(true).write(ANSWER.substring(0, 9));
                out.end(ANSWER.substring(9));
            }
        }
    }

    @ParameterizedTest
    @Timeout(60)
    @ValueSource(strings = {"length", "length, in two parts", "chunks"})
    void theEndOfAnAnswerIsHeldUntilItsCallIsMeteredAndComesOnceThen(String framing) throws Exception {
        int port = proxyOf(listen(in -> upstream(in.response(), framing)));
        try (Socket socket = new Socket("127.0.0.1", port)) {
            StringBuffer received = new StringBuffer();
            Thread reader = new Thread(() -> read(socket, received));
            reader.start();
            for (int call = 1; call <= 2; call++) {
                socket.getOutputStream().write("GET / HTTP/1.1\r\nhost: a\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                if (call == 1) {
                    await().untilTrue(metering);
                    await().during(Duration.ofMillis(200))
                            .until(() -> !received.toString().contains("}}"));
                    metered.complete();
                }
                int calls = call;
                await().until(() -> received.toString().split("}}", -1).length == calls + 1);
            }
            assertThat(received.toString().split("HTTP/1.1 200", -1))
                    .as("answers")
                    .hasSize(3);
        }
    }

    private static void read(Socket socket, StringBuffer into) {
        byte[] bytes = new byte[4096];
        try (InputStream in = socket.getInputStream()) {
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                into.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
            }
        } catch (java.io.IOException e) {
            // the test has ended
        }
    }

    @Test
    void anAnswerWithoutABodyEndsOnceItIsMetered() {
        int port = proxyOf(listen(in -> in.response().setStatusCode(204).end()));
        var answer = client.request(HttpMethod.GET, port, "127.0.0.1", "/")
                .compose(request -> request.send())
                .compose(response -> response.end().map(response.statusCode()));
        await().untilTrue(metering);
        metered.complete();
        assertThat(answer.toCompletionStage().toCompletableFuture().join()).isEqualTo(204);
    }
}
