package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.luben.zstd.Zstd;
import dev.tokenmeter.gateway.coding.ContentDecoder;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that come compressed, either way. */
class CompressionTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String STREAM = "{\"model\":\"gpt-4o\",\"messages\":[],\"stream\":true}";

    @TempDir
    Path dir;

    private TestGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new TestGateway(dir, "gateway.max-request-body-bytes", "20000", "gateway.max-held-bytes", "20000000");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "zstd"})
    void anAnswerCompressedAgainstOurAskingIsReadAndPassedAsItIs(String coding) throws Exception {
        byte[] packed =
                packed(coding, Upstream.fixture("openai-chat-stream.sse").getBytes());
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "text/event-stream")
                .putHeader("content-encoding", coding)
                .end(Buffer.buffer(packed)));
        HttpResponse<byte[]> response = send(CHAT, STREAM.getBytes(StandardCharsets.UTF_8), null);
        assertThat(gateway.upstream.last().headers().get("accept-encoding")).isEqualTo("identity");
        assertThat(response.body()).isEqualTo(packed);
        assertThat(response.headers().firstValue("content-encoding")).hasValue(coding);
        assertThat(gateway.event().getUncachedInputTokens()).isEqualTo(80);
        assertThat(gateway.event().getModel()).isEqualTo("gpt-4o-2024-08-06");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "zstd"})
    void aCompressedRequestIsAskedForUsageLikeAnyOther(String coding) throws Exception {
        gateway.upstream.answerStream("openai-chat-stream.sse");
        send(CHAT, packed(coding, STREAM.getBytes(StandardCharsets.UTF_8)), coding);
        assertThat(gateway.upstream.last().body()).contains("include_usage").contains("\"gpt-4o\"");
        assertThat(gateway.upstream.last().headers().contains("content-encoding"))
                .isFalse();
        assertThat(gateway.event().getRequestedModel()).isEqualTo("gpt-4o");
        assertThat(gateway.event().getUncachedInputTokens()).isEqualTo(80);
    }

    @Test
    void aCompressedRequestThatNeedNotBeHeldGoesOnAsItIsAndItsModelIsRead() throws Exception {
        gateway.upstream.answerJson("openai-embeddings.json");
        byte[] packed =
                packed("gzip", "{\"model\":\"text-embedding-3\",\"input\":\"x\"}".getBytes(StandardCharsets.UTF_8));
        send("/openai/v1/embeddings", packed, "gzip");
        assertThat(gateway.upstream.last().headers().get("content-encoding")).isEqualTo("gzip");
        assertThat(gateway.upstream.last().headers().get("content-length")).isEqualTo("" + packed.length);
        assertThat(gateway.event().getRequestedModel()).isEqualTo("text-embedding-3");
    }

    @Test
    void aRequestThatUnpacksToMoreThanMayBeHeldIsRefused() throws Exception {
        byte[] bomb = packed("gzip", new byte[5_000_000]);
        assertThat(bomb.length).isLessThan(20_000);
        assertThat(send(CHAT, bomb, "gzip").statusCode()).isEqualTo(413);
        assertThat(gateway.upstream.seen).isEmpty();
    }

    /** A decoder's memory is outside the heap, so nobody else would give it back. */
    @Test
    void whatReadsACompressedRequestIsClosedHoweverTheRequestEnds() throws Exception {
        byte[] packed = packed("zstd", STREAM.getBytes(StandardCharsets.UTF_8));
        try (Socket socket = new Socket("127.0.0.1", gateway.service.port())) {
            String head = "POST /anthropic/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + "Content-Encoding: zstd\r\nContent-Length: 100000\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(packed);
            await().until(() -> metric("open.decoders") == 1);
            assertThat(metric("held.request.bytes")).isEqualTo(8 << 20);
        }
        await().until(() -> metric("open.decoders") == 0);
        gateway.keys.put(
                TestGateway.key("tm-once", "acme").setRequestsPerMinute(1).build());
        for (int status : new int[] {200, 429}) {
            HttpRequest request = gateway.request("/anthropic/v1/messages")
                    .header("x-api-key", "tm-once")
                    .header("content-encoding", "zstd")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(packed))
                    .build();
            assertThat(gateway.http
                            .send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(status);
        }
        await().until(() -> metric("open.decoders") == 0 && metric("held.request.bytes") == 0);
    }

    private double metric(String name) {
        return gateway.meters.get("tokenmeter.gateway." + name).gauge().value();
    }

    @Test
    void aRequestThatIsNotWhatItSaysGoesOnAsItCame() throws Exception {
        gateway.upstream.answerJson("openai-chat.json");
        send(CHAT, STREAM.getBytes(StandardCharsets.UTF_8), "gzip");
        assertThat(gateway.upstream.last().body()).isEqualTo(STREAM);
        assertThat(gateway.upstream.last().headers().get("content-encoding")).isEqualTo("gzip");
    }

    @Test
    void anAnswerThatUnpacksToAbsurdlyMuchPassesUnreadAndIsCounted() throws Exception {
        byte[] comments = ": ".repeat(40_000_000).getBytes(StandardCharsets.UTF_8);
        byte[] bomb = packed("zstd", comments);
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "text/event-stream")
                .putHeader("content-encoding", "zstd")
                .end(Buffer.buffer(bomb)));
        assertThat(send(CHAT, STREAM.getBytes(StandardCharsets.UTF_8), null).body())
                .isEqualTo(bomb);
        assertThat(gateway.event().getUncachedInputTokens()).isZero();
        assertThat(gateway.meters.scrape()).contains("tokenmeter_gateway_unreadable_answers_total 1.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "zstd"})
    void isDecodedTheSameHoweverItIsCut(String coding) throws IOException {
        byte[] text = Upstream.fixture("openai-chat-stream.sse").getBytes();
        byte[] packed = packed(coding, text);
        for (int cut = 0; cut <= packed.length; cut++) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (ContentDecoder decoder = ContentDecoder.of(coding)) {
                for (byte[] piece :
                        new byte[][] {Arrays.copyOf(packed, cut), Arrays.copyOfRange(packed, cut, packed.length)}) {
                    decoder.feed(piece, bytes -> {
                        out.writeBytes(bytes);
                        return true;
                    });
                }
            }
            assertThat(out.toByteArray()).as("cut at " + cut).isEqualTo(text);
        }
    }

    private static byte[] packed(String coding, byte[] plain) throws IOException {
        if (coding.equals("zstd")) {
            return Zstd.compress(plain);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream packing = coding.equals("gzip") ? new GZIPOutputStream(out) : new DeflaterOutputStream(out)) {
            packing.write(plain);
        }
        return out.toByteArray();
    }

    private HttpResponse<byte[]> send(String path, byte[] body, String coding) throws Exception {
        HttpRequest.Builder request = gateway.request(path).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (coding != null) {
            request.header("content-encoding", coding);
        }
        return gateway.http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }
}
