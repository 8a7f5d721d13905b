package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Outcome;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.DataInputStream;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 and HTTP/2, in and out, plain and over TLS. */
@Timeout(60)
class HttpVersionsTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String STREAM = "{\"model\":\"gpt-4o\",\"stream\":true}";

    @TempDir
    private Path dir;

    /** Answers with half of a stream, and with the other half when told to. */
    private static AtomicReference<Runnable> answerInHalves(Upstream upstream) {
        AtomicReference<Runnable> rest = new AtomicReference<>();
        Buffer stream = Upstream.fixture("openai-chat-stream.sse");
        int half = stream.length() / 2;
        upstream.answer(request -> {
            request.response().putHeader("content-type", "text/event-stream").setChunked(true);
            request.response().write(stream.slice(0, half));
            rest.set(() ->
                    upstream.vertx().runOnContext(now -> request.response().end(stream.slice(half, stream.length()))));
        });
        return rest;
    }

    private static void assertStreams(HttpClient client, URI uri, HttpClient.Version version, Upstream upstream)
            throws Exception {
        AtomicReference<Runnable> rest = answerInHalves(upstream);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(20))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(STREAM))
                .build();
        HttpResponse<InputStream> answer = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.version()).isEqualTo(version);
        try (InputStream body = answer.body()) {
            String first = new String(body.readNBytes(40), StandardCharsets.UTF_8);
            assertThat(first).startsWith("data: ");
            rest.get().run();
            String all = first + new String(body.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(all).endsWith("data: [DONE]\n\n").doesNotContain("\"choices\": []");
        }
    }

    private static HttpClient.Builder client(HttpClient.Version version) {
        return HttpClient.newBuilder().version(version);
    }

    @Test
    void http2WithoutTlsStreamsInAndHttp1Out() throws Exception {
        try (TestGateway gateway = new TestGateway(dir)) {
            HttpClient http2 = client(HttpClient.Version.HTTP_2).build();
            URI uri = URI.create(gateway.url(CHAT));
            assertThat(http2.send(
                                    HttpRequest.newBuilder(URI.create(gateway.url("/openai/v1/models")))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .version())
                    .isEqualTo(HttpClient.Version.HTTP_2);
            assertStreams(http2, uri, HttpClient.Version.HTTP_2, gateway.upstream);
            assertThat(gateway.upstream.last().version()).isEqualTo(HttpVersion.HTTP_1_1);
            assertThat(gateway.event().getUncachedInputTokens()).isEqualTo(80);
        }
    }

    @Test
    void http1StreamsInAndHttp2OutByPriorKnowledge() throws Exception {
        try (TestGateway gateway = new TestGateway(dir, "providers.openai.http2", "prior-knowledge")) {
            assertStreams(gateway.http, URI.create(gateway.url(CHAT)), HttpClient.Version.HTTP_1_1, gateway.upstream);
            assertThat(gateway.upstream.last().version()).isEqualTo(HttpVersion.HTTP_2);
            assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.completed);
            assertThat(gateway.event().getUncachedInputTokens()).isEqualTo(80);
        }
    }

    @Test
    void overTlsBothSidesAgreeOnHttp2AndTheProviderSeesTheClientsCertificate() throws Exception {
        TestCertificate ours = new TestCertificate(dir, "dns:localhost");
        TestCertificate theirs = new TestCertificate(dir, "dns:localhost");
        TestCertificate client = new TestCertificate(dir, "dns:gateway");
        HttpServerOptions server = new HttpServerOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setClientAuth(ClientAuth.REQUIRED)
                .setTrustOptions(new PemTrustOptions().addCertPath(client.certificate.toString()))
                .setKeyCertOptions(new PemKeyCertOptions()
                        .setCertPath(theirs.certificate.toString())
                        .setKeyPath(theirs.key.toString()));
        try (Upstream upstream = new Upstream(server);
                TestGateway gateway = new TestGateway(
                        dir,
                        "gateway.tls.certificate-file",
                        ours.certificate.toString(),
                        "gateway.tls.key-file",
                        ours.key.toString(),
                        "providers.openai.base-url",
                        "https://localhost:" + upstream.port() + "/v1",
                        "providers.openai.tls.ca-file",
                        theirs.certificate.toString(),
                        "providers.openai.tls.client-certificate-file",
                        client.certificate.toString(),
                        "providers.openai.tls.client-key-file",
                        client.key.toString(),
                        "providers.openai.pass-through",
                        "true")) {
            URI uri = URI.create("https://localhost:" + gateway.service.port() + CHAT);
            HttpClient http2 = client(HttpClient.Version.HTTP_2)
                    .sslContext(ours.trusting())
                    .build();
            assertStreams(http2, uri, HttpClient.Version.HTTP_2, upstream);
            assertThat(upstream.last().version()).isEqualTo(HttpVersion.HTTP_2);
            HttpClient http1 = client(HttpClient.Version.HTTP_1_1)
                    .sslContext(ours.trusting())
                    .build();
            assertStreams(http1, uri, HttpClient.Version.HTTP_1_1, upstream);
        }
    }

    @Test
    void aProvidersCertificateIsTrustedOnlyIfItIsKnownAndForItsHost() throws Exception {
        TestCertificate elsewhere = new TestCertificate(dir, "dns:elsewhere");
        HttpServerOptions server = new HttpServerOptions()
                .setSsl(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .setCertPath(elsewhere.certificate.toString())
                        .setKeyPath(elsewhere.key.toString()));
        try (Upstream upstream = new Upstream(server)) {
            String url = "https://localhost:" + upstream.port();
            String[] trust = {
                "providers.known.tls.trust-store",
                elsewhere.store.toString(),
                "providers.known.tls.trust-store-password",
                elsewhere.password(),
                "providers.lax.tls.trust-store",
                elsewhere.store.toString(),
                "providers.lax.tls.trust-store-password",
                elsewhere.password(),
                "providers.lax.tls.verify-host",
                "false",
                "providers.unknown.base-url",
                url,
                "providers.known.base-url",
                url,
                "providers.lax.base-url",
                url,
                "providers.lax.http2",
                "never",
            };
            try (TestGateway gateway = new TestGateway(dir, trust)) {
                assertThat(gateway.post("/unknown/v1/x", "{}").statusCode()).isEqualTo(502);
                assertThat(gateway.post("/known/v1/x", "{}").statusCode()).isEqualTo(502);
                assertThat(upstream.seen).isEmpty();
                assertThat(gateway.post("/lax/v1/x", "{}").statusCode()).isEqualTo(200);
            }
        }
    }

    /**
     * A CONNECT of HTTP/2 has no path (RFC 9113, 8.5), one for a WebSocket has (RFC 8441). Frames by hand, as no client sends
     * either to a server that does not announce them.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTunnelThroughHttp2IsRefusedAndReachesNobody(boolean webSocket) throws Exception {
        Buffer headers = Buffer.buffer();
        hpack(headers, 2, "CONNECT");
        hpack(headers, 1, "gw");
        if (webSocket) {
            hpack(headers, 4, "/openai/v1/realtime");
            hpack(headers, 6, "http");
            headers.appendByte((byte) 0).appendByte((byte) 9).appendString(":protocol");
            headers.appendByte((byte) 9).appendString("websocket");
        }
        try (TestGateway gateway = new TestGateway(dir);
                Socket socket = new Socket("127.0.0.1", gateway.service.port())) {
            Frame answer = first(socket, headers);
            int type = answer.type;
            int flags = answer.flags;
            Buffer payload = answer.payload;
            boolean reset = type == 3;
            int withPriority = 0x20;
            int unknownProvider = 0x8d; // ":status: 404" of the static table
            boolean refused = type == 1
                    && (payload.getUnsignedByte((flags & withPriority) == 0 ? 0 : 5) == unknownProvider
                            || payload.toString(StandardCharsets.ISO_8859_1).contains("501"));
            assertThat(reset || refused)
                    .as("frame %s: %s", type, HexFormat.of().formatHex(payload.getBytes()))
                    .isTrue();
            assertThat(gateway.upstream.seen).isEmpty();
            assertThat(gateway.post(CHAT, "{}").statusCode()).isEqualTo(200);
        }
    }

    private record Frame(int type, int flags, Buffer payload) {}

    /** Opens a connection with a request of nothing but these headers, of which more may follow; the first frame back. */
    private static Frame first(Socket socket, Buffer headers) throws Exception {
        return first(socket, headers, 4);
    }

    private static Frame first(Socket socket, Buffer headers, int headerFlags) throws Exception {
        socket.setSoTimeout(20_000);
        Buffer out = Buffer.buffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        frame(out, 4, 0, 0, Buffer.buffer());
        frame(out, 1, headerFlags, 1, headers);
        socket.getOutputStream().write(out.getBytes());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        while (true) {
            int head = in.readInt();
            int type = head & 0xff;
            int flags = in.readByte();
            int stream = in.readInt();
            Buffer payload = Buffer.buffer(in.readNBytes(head >>> 8));
            if (stream == 1) {
                return new Frame(type, flags, payload);
            }
        }
    }

    /** What HTTP/1.1 cannot carry to the provider, and a secret in the address that no log may hold. */
    @ParameterizedTest
    @CsvSource({"/openai/v1/mod els?key=AIzaSECRET,b", "/openai/v1/models?key=AIzaSECRET,'a\nb'"})
    void aRequestThatCannotBeWrittenIsRefusedAndStopsNobodyElse(String path, String value) throws Exception {
        Buffer headers = Buffer.buffer();
        hpack(headers, 2, "GET");
        hpack(headers, 4, path);
        hpack(headers, 6, "http");
        hpack(headers, 1, "gw");
        headers.appendByte((byte) 0).appendByte((byte) 3).appendString("x-a");
        headers.appendByte((byte) value.length()).appendString(value);
        try (TestGateway gateway =
                        new TestGateway(dir, "gateway.event-loops", "1", "providers.openai.max-connections", "1");
                Socket socket = new Socket("127.0.0.1", gateway.service.port())) {
            Frame answer = first(socket, headers, 5);
            assertThat(answer.type == 1 || answer.type == 3).isTrue();
            assertThat(gateway.post(CHAT, "{}").statusCode()).isEqualTo(200);
            assertThat(gateway.upstream.seen).allMatch(seen -> seen.method().equals("POST"));
        }
    }

    /** A header whose name stands in HPACK's static table (RFC 7541, 6.2.2). */
    private static void hpack(Buffer out, int name, String value) {
        out.appendByte((byte) name).appendByte((byte) value.length()).appendString(value);
    }

    private static void frame(Buffer out, int type, int flags, int stream, Buffer payload) {
        out.appendMedium(payload.length()).appendByte((byte) type).appendByte((byte) flags);
        out.appendInt(stream).appendBuffer(payload);
    }

    /** All calls go over one connection to the provider, whose window the slow client must not fill. */
    @Test
    void aClientThatReadsNothingDoesNotStopOthersOnTheSameHttp2Connection() throws Exception {
        try (TestGateway gateway = new TestGateway(
                dir,
                "gateway.event-loops",
                "1",
                "providers.openai.http2",
                "prior-knowledge",
                "providers.openai.max-connections",
                "1")) {
            gateway.upstream.answer(request -> {
                if (request.uri().endsWith("/endless")) {
                    request.response().setChunked(true);
                    pump(request);
                } else {
                    request.response().end("quick");
                }
            });
            List<InputStream> unread = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                HttpRequest request = gateway.request("/openai/v1/endless")
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build();
                unread.add(gateway.http
                        .send(request, HttpResponse.BodyHandlers.ofInputStream())
                        .body());
            }
            for (int i = 0; i < 20; i++) {
                Thread.sleep(50);
                assertThat(gateway.post("/openai/v1/quick", "{}").body()).isEqualTo("quick");
            }
            for (InputStream body : unread) {
                body.close();
            }
        }
    }

    private static void pump(HttpServerRequest request) {
        while (!request.response().writeQueueFull() && !request.response().closed()) {
            request.response().write("x".repeat(16_000));
        }
        if (!request.response().closed()) {
            request.response().drainHandler(drained -> pump(request));
        }
    }

    @Test
    void anHttp2ClientThatHangsUpCancelsItsCallAloneAndIsMetered() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (TestGateway gateway = new TestGateway(dir)) {
            gateway.upstream.answer(request -> request.response()
                    .putHeader("content-type", "text/event-stream")
                    .setChunked(true)
                    .write("data: {\"model\":\"gpt-4o\",\"choices\":[{}]}\n\n"));
            io.vertx.core.http.HttpClient client = vertx.createHttpClient(new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false));
            client.request(HttpMethod.POST, gateway.service.port(), "127.0.0.1", CHAT)
                    .compose(request -> request.putHeader("content-type", "application/json")
                            .send(STREAM)
                            .onSuccess(answer -> answer.handler(part -> request.reset(8))))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
            assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.client_aborted);
            org.awaitility.Awaitility.await().until(() -> gateway.upstream.cancelled.contains("/v1/chat/completions"));
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    /** Vert.x' own bound, 200 in 30 seconds, is what one busy connection's users make by closing their windows. */
    @Test
    void manyHangUpsDoNotBreakTheOtherStreamsOfAConnection() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (TestGateway gateway = new TestGateway(dir)) {
            gateway.upstream.answer(request -> request.response()
                    .putHeader("content-type", "text/event-stream")
                    .setChunked(true)
                    .write("data: {\"model\":\"gpt-4o\",\"choices\":[{}]}\n\n"));
            io.vertx.core.http.HttpClient client = vertx.createHttpClient(
                    new HttpClientOptions()
                            .setProtocolVersion(HttpVersion.HTTP_2)
                            .setHttp2ClearTextUpgrade(false),
                    new PoolOptions().setHttp2MaxSize(1));
            AtomicReference<Throwable> broken = new AtomicReference<>();
            stream(client, gateway, answer -> answer.exceptionHandler(broken::set));
            for (int i = 0; i < 230; i++) {
                stream(client, gateway, answer -> answer.request().reset(8));
            }
            stream(client, gateway, answer -> answer.request().reset(8));
            assertThat(broken.get()).isNull();
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    private static void stream(
            io.vertx.core.http.HttpClient client, TestGateway gateway, Consumer<HttpClientResponse> then)
            throws Exception {
        client.request(HttpMethod.POST, gateway.service.port(), "127.0.0.1", CHAT)
                .compose(request -> request.putHeader("content-type", "application/json")
                        .send(STREAM)
                        .onSuccess(then::accept))
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }
}
