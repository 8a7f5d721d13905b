package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.schemas.Outcome;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may pass, whom it is charged to, and which headers travel. */
class AdmissionTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String BODY = "{\"model\":\"gpt-4o\"}";

    private TestGateway gateway;

    @BeforeEach
    void start(@TempDir Path dir) throws Exception {
        gateway = new TestGateway(dir, "gateway.tags.max-count", "2", "gateway.tags.max-value-length", "10");
        gateway.upstream.answerJson("openai-chat.json");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void aVirtualKeySetsTenantAndTagsAndNeverLeavesTheGateway() throws Exception {
        gateway.key(
                "tm-secret", "acme", Map.of("team", "core"), true, Instant.now().plusSeconds(60));
        gateway.post(
                CHAT,
                BODY,
                "Authorization",
                "Bearer tm-secret",
                "X-Tokenmeter-Tenant",
                "someone-else",
                "X-Tokenmeter-Tags",
                "{\"Team\":\"other\",\"feature\":\"x\"}");
        assertThat(gateway.event().getTenant()).isEqualTo("acme");
        assertThat(gateway.event().getApiKeyId()).isEqualTo("key_acme");
        assertThat(gateway.event().getTags()).isEqualTo(Map.of("team", "core", "feature", "x"));
        assertThat(gateway.upstream.last().headers().get("authorization")).isEqualTo("Bearer sk-configured");
        assertThat(gateway.upstream.last().headers().toString()).doesNotContain("tm-secret");
        assertThat(gateway.upstream.last().headers().names())
                .noneMatch(name -> name.toLowerCase().startsWith("x-tokenmeter"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"authorization", "x-api-key", "api-key", "x-goog-api-key"})
    void everySdksHeaderMayCarryTheKeyAndTheProviderGetsItsOwn(String header) throws Exception {
        gateway.upstream.answerJson("anthropic-message.json");
        gateway.key("tm-secret", "acme", Map.of(), true, null);
        String value = header.equals("authorization") ? "bearer tm-secret" : "tm-secret";
        gateway.post("/anthropic/v1/messages", BODY, header, value);
        assertThat(gateway.event().getTenant()).isEqualTo("acme");
        assertThat(gateway.upstream.last().headers().get("x-api-key")).isEqualTo("sk-ant-configured");
        assertThat(gateway.upstream.last().headers().toString()).doesNotContain("tm-secret");
    }

    @Test
    void anUnknownKeyIsRefusedInTheProvidersWordsAndNotRetried() throws Exception {
        HttpResponse<String> openAi = gateway.post(CHAT, BODY, "Authorization", "Bearer tm-unknown");
        assertThat(openAi.statusCode()).isEqualTo(401);
        assertThat(openAi.headers().firstValue("x-should-retry")).hasValue("false");
        assertThat(openAi.body())
                .contains("\"code\":\"invalid_api_key\"", "POST /api/v1/keys")
                .doesNotContain("tm-unknown");
        HttpResponse<String> anthropic = gateway.post("/anthropic/v1/messages", BODY, "x-api-key", "tm-unknown");
        assertThat(anthropic.body()).contains("\"type\":\"error\"").contains("authentication_error");
        assertThat(gateway.upstream.seen).isEmpty();
    }

    @Test
    void disabledAndExpiredKeysAreRefusedAndLeaveATrace() throws Exception {
        gateway.key("tm-off", "off", Map.of(), false, null);
        gateway.key("tm-old", "old", Map.of(), true, Instant.now().minusSeconds(1));
        assertThat(gateway.post(CHAT, BODY, "Authorization", "Bearer tm-off").statusCode())
                .isEqualTo(401);
        assertThat(gateway.post(CHAT, BODY, "Authorization", "Bearer tm-old").body())
                .contains("expired");
        await().until(() -> gateway.sink.events().size() == 2);
        assertThat(gateway.sink.events()).allSatisfy(event -> {
            assertThat(event.getOutcome()).isEqualTo(Outcome.blocked);
            assertThat(event.getHttpStatus()).isNull();
        });
        assertThat(gateway.upstream.seen).isEmpty();
    }

    @Test
    void aVirtualKeyIsFoundBehindAnotherAndNeverForwarded() throws Exception {
        gateway.key("tm-secret", "acme", Map.of(), true, null);
        gateway.post(CHAT, BODY, "Authorization", "Bearer sk-other", "Authorization", "Bearer tm-secret");
        assertThat(gateway.upstream.last().headers().getAll("authorization")).containsExactly("Bearer sk-configured");
        gateway.post("/gemini/v1beta/models/gemini-2.5-pro:generateContent?key=AIza-x&key=tm-secret", "{}");
        assertThat(gateway.upstream.last().uri()).isEqualTo("/v1beta/models/gemini-2.5-pro:generateContent");
        await().until(() -> gateway.sink.events().size() == 2);
        assertThat(gateway.sink.events()).allMatch(event -> event.getTenant().equals("acme"));
    }

    @Test
    void whatIsTheCallersOwnDoesNotTravelWithTheOperatorsKey() throws Exception {
        gateway.key("tm-secret", "acme", Map.of(), true, null);
        String[] own = {
            "Cookie", "session=1",
            "X-Forwarded-For", "10.0.0.1",
            "X-Forwarded-Host", "intranet",
            "Forwarded", "for=10.0.0.1",
            "X-Real-IP", "10.0.0.1",
            "OpenAI-Organization", "org-other",
            "OpenAI-Project", "proj-other",
            "x-goog-user-project", "other"
        };
        gateway.post(CHAT, BODY, with(own, "Bearer tm-secret"));
        assertThat(gateway.upstream.last().headers().names())
                .noneMatch(name ->
                        name.matches("(?i)cookie|x-forwarded-.*|forwarded|x-real-ip|openai-(org|proj).*|x-goog.*"));
        gateway.post(CHAT, BODY, with(own, "Bearer sk-mine"));
        assertThat(gateway.upstream.last().headers().get("openai-project")).isEqualTo("proj-other");
    }

    private static String[] with(String[] headers, String authorization) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Authorization");
        all.add(authorization);
        return all.toArray(String[]::new);
    }

    @Test
    void aCallersOwnKeyIsForwardedUnchanged() throws Exception {
        gateway.post(CHAT, BODY, "Authorization", "Bearer sk-mine");
        assertThat(gateway.upstream.last().headers().get("authorization")).isEqualTo("Bearer sk-mine");
        assertThat(gateway.event().getApiKeyId()).matches("pt_[0-9a-f]{16}");
    }

    @Test
    void aCallWithoutAKeyDoesNotGetTheConfiguredOne() throws Exception {
        gateway.post(CHAT, BODY);
        assertThat(gateway.upstream.last().headers().contains("authorization")).isFalse();
        assertThat(gateway.event().getApiKeyId()).isEqualTo("pt_none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not json",
                "[]",
                "{\"team\":1}",
                "{\"team\":\"a\",\"team\":\"b\"}",
                "{\"team\":\"\"}",
                "{\"te am\":\"a\"}",
                "{\"team\":\"longer than ten\"}",
                "{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}",
                "{\"a\":\"1\"} x"
            })
    void badTagsAreRefusedWithAClearMessage(String tags) throws Exception {
        HttpResponse<String> response = gateway.post(CHAT, BODY, "X-Tokenmeter-Tags", tags);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("allowed:").contains("bad_tags");
        assertThat(gateway.upstream.seen).isEmpty();
    }

    @Test
    void hopByHopHeadersStayWhereTheyAre() throws Exception {
        gateway.upstream.answer(request -> request.response()
                .putHeader("connection", "x-private")
                .putHeader("x-private", "1")
                .putHeader("keep-alive", "timeout=5")
                .putHeader("openai-organization", "org")
                .putHeader("set-cookie", (Iterable<String>) java.util.List.of("a=1", "b=2"))
                .end("{}"));
        Socket socket = new Socket("127.0.0.1", gateway.service.port());
        try (socket) {
            socket.getOutputStream()
                    .write(("POST " + CHAT + " HTTP/1.1\r\nHost: gw\r\nConnection: close, X-Secret-Hop\r\n"
                                    + "X-Secret-Hop: 1\r\nTE: trailers\r\nProxy-Authorization: Basic x\r\nAccept-Encoding: gzip\r\n"
                                    + "OpenAI-Beta: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
                            .getBytes());
            String answer = readUntil(socket, "{}").toLowerCase();
            assertThat(answer)
                    .contains("openai-organization: org")
                    .contains("set-cookie: a=1")
                    .contains("set-cookie: b=2");
            assertThat(answer).doesNotContain("x-private").doesNotContain("timeout=5");
        }
        var headers = gateway.upstream.last().headers();
        assertThat(headers.names()).noneMatch(name -> name.matches("(?i)x-secret-hop|te|proxy-authorization"));
        assertThat(headers.get("openai-beta")).isEqualTo("a");
        assertThat(headers.get("accept-encoding")).isEqualTo("identity");
        assertThat(headers.get("host")).isEqualTo("127.0.0.1:" + gateway.upstream.port());
    }

    private static String readUntil(Socket socket, String end) throws IOException {
        socket.setSoTimeout(5_000);
        StringBuilder answer = new StringBuilder();
        while (!answer.toString().endsWith(end)) {
            int b = socket.getInputStream().read();
            if (b < 0) {
                break;
            }
            answer.append((char) b);
        }
        return answer.toString();
    }

    @Test
    void aWebSocketIsRefusedInTheProvidersWordsAndNeverReachesIt() throws Exception {
        gateway.key("tm-secret", "acme", Map.of(), true, null);
        URI realtime =
                URI.create(gateway.url("/openai/v1/realtime?model=gpt-realtime").replace("http:", "ws:"));
        assertThatThrownBy(() -> gateway.http
                        .newWebSocketBuilder()
                        .header("Authorization", "Bearer tm-secret")
                        .buildAsync(realtime, new WebSocket.Listener() {})
                        .join())
                .cause()
                .isInstanceOfSatisfying(WebSocketHandshakeException.class, refused -> {
                    HttpResponse<?> response = refused.getResponse();
                    assertThat(response.statusCode()).isEqualTo(501);
                    assertThat(response.headers().firstValue("x-should-retry")).hasValue("false");
                });
        assertThat(gateway.upstream.seen).isEmpty();
        assertThat(gateway.meters
                        .get("tokenmeter.gateway.refused.requests")
                        .tag("reason", "websocket_not_metered")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/openai/v1/realtime,Upgrade: WebSocket,server_error",
        "GET,/anthropic/v1/x,'Upgrade: h2c, websocket',api_error",
        "CONNECT,/openai/v1/realtime,x: y,server_error"
    })
    void whateverWayAWebSocketIsAskedForTheAnswerSaysWhyNot(String method, String path, String header, String type)
            throws Exception {
        try (Socket socket = new Socket("127.0.0.1", gateway.service.port())) {
            String request = method + " " + path + " HTTP/1.1\r\nHost: gw\r\nConnection: Upgrade\r\n" + header
                    + "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertThat(readUntil(socket, "}}"))
                    .startsWith("HTTP/1.1 501")
                    .contains("Realtime over WebSocket is not metered yet")
                    .contains("\"" + type + "\"");
        }
        assertThat(gateway.upstream.seen).isEmpty();
    }

    @Test
    void anUnknownProviderIsNamedAndSoAreTheKnownOnes() throws Exception {
        HttpResponse<String> response = gateway.post("/nobody/v1/chat/completions", BODY);
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).contains("Known: anthropic, ", "deepseek, ", "openrouter");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openai/v1/files/../chat/completions", "/openai/v1/files/%2E%2e/chat/completions"})
    void aPathThatStepsAsideCannotEvadeMetering(String path) throws Exception {
        assertThat(gateway.post(path, BODY).statusCode()).isEqualTo(400);
        assertThat(gateway.upstream.seen).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /openai/v1/chat/completions#/cancel",
                "POST /anthropic/v1/messages#/files/",
                "POST /gemini/v1beta/models/gemini-2.5-pro:generateContent#:countTokens",
                "POST /openai/v1/chat/completions?x=1#/cancel",
                "POST /openai/v1/chat\\completions",
                "POST /openai/v1/files/..;/chat/completions",
                "POST /openai/v1/files%2F../chat/completions",
                "POST /openai/v1/chat/completions%23/cancel",
                "POST /openai/v1/chat/completions%00",
                "POST /openai/v1/chat/completion%",
                "POST /openai/v1/chat/completi\u00f6ns",
                "post /openai/v1/chat/completions"
            })
    void whatOneServerReadsOtherwiseThanTheNextIsRefused(String line) throws Exception {
        String answer = raw(line + " HTTP/1.1\r\nHost: gw\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
        assertThat(answer).startsWith("HTTP/1.1 400").contains("x-should-retry: false");
        assertThat(gateway.upstream.seen).isEmpty();
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", gateway.service.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void anEscapedPathIsJudgedAndSentUnescaped() throws Exception {
        gateway.post("/openai/v1/%63hat/completion%73?a=%2f", BODY, "Authorization", "Bearer sk-mine");
        assertThat(gateway.upstream.last().uri()).isEqualTo("/v1/chat/completions?a=%2f");
        assertThat(gateway.event().getOperation()).isEqualTo("chat");
        gateway.http.send(
                gateway.request("/openai/v1/models/a%20b%3Ac").build(), HttpResponse.BodyHandlers.discarding());
        assertThat(gateway.upstream.last().uri()).isEqualTo("/v1/models/a%20b%3Ac");
    }

    @Test
    void noHeaderMakesAnotherMethodOfACallOnTheWay() throws Exception {
        gateway.http.send(
                gateway.request("/gemini/v1beta/models/gemini-2.5-pro:generateContent")
                        .header("X-HTTP-Method-Override", "POST")
                        .header("x-http-method", "POST")
                        .build(),
                HttpResponse.BodyHandlers.discarding());
        assertThat(gateway.upstream.last().headers().names())
                .noneMatch(name -> name.toLowerCase().contains("method"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/openai/v1/realtime/client_secrets",
                "/openai/v1/realtime/calls",
                "/openai/v1/realtime/calls/rtc_1/accept",
                "/openai/v1/realtime/sessions",
                "/openai/v1/realtime/transcription_sessions",
                "/openai/v1/realtim%65/calls",
                "/azure/openai/v1/realtime/client_secrets",
                "/azure/openai/realtimeapi/sessions",
                "/azure/openai/Realtime/Calls",
                "/gemini/v1alpha/auth_tokens"
            })
    void whatOpensARealtimeSessionPastTheGatewayIsNotForwarded(String path, @TempDir Path other) throws Exception {
        gateway.close();
        gateway = new TestGateway(other, "providers.azure.base-url", "http://{upstream}");
        HttpResponse<String> response = gateway.post(path, "{}");
        assertThat(response.statusCode()).isEqualTo(501);
        assertThat(response.headers().firstValue("x-should-retry")).hasValue("false");
        assertThat(response.body()).contains("Realtime");
        assertThat(gateway.upstream.seen).isEmpty();
        assertThat(gateway.post("/openai/v1/models/gpt-realtime", "{}").statusCode())
                .isEqualTo(200);
    }

    @Test
    void healthIsToldOnTheProxysPortToo() throws Exception {
        HttpRequest ready = gateway.request("/health/ready").GET().build();
        HttpResponse<String> response = gateway.http.send(ready, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("keys: up").contains("outbox: up");
    }
}
