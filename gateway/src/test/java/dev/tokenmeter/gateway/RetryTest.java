package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When a call is made again, where, and what that leaves behind. */
@Timeout(60)
class RetryTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String BODY = "{ \"model\": \"gpt-4o\", \"messages\":[]}";
    private static final String AUTH = "authorization";

    @TempDir
    private Path dir;

    private Upstream other;

    @BeforeEach
    void startOther() throws Exception {
        other = new Upstream();
        other.answerJson("openai-chat.json");
    }

    @AfterEach
    void stopOther() {
        other.close();
    }

    private TestGateway withFallback(String... settings) throws Exception {
        String[] all = java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(
                                "providers.openai.fallback",
                                "spare",
                                "providers.spare.base-url",
                                "http://127.0.0.1:" + other.port() + "/compatible/v1",
                                "providers.spare.api-key",
                                "sk-spare",
                                "providers.spare.fallback-models.gpt-4o",
                                "vendor/gpt-4o"),
                        java.util.stream.Stream.of(settings))
                .toArray(String[]::new);
        TestGateway gateway = new TestGateway(dir, all);
        gateway.key("tm-1", "acme", Map.of(), true, null);
        return gateway;
    }

    private static void answerStatus(Upstream upstream, int status, String... headers) {
        upstream.answer(request -> {
            for (int i = 0; i < headers.length; i += 2) {
                request.response().putHeader(headers[i], headers[i + 1]);
            }
            request.response().setStatusCode(status).end("{\"error\":{\"message\":\"as the provider says\"}}");
        });
    }

    private static List<Tuple> attempts(TestGateway gateway, int events) {
        await().until(() -> gateway.sink.events().size() >= events);
        return gateway.sink.events().stream()
                .map(event -> Tuple.tuple(event.getAttempt(), event.getOutcome(), event.getHttpStatus()))
                .toList();
    }

    @Test
    void anAddressThatCannotBeReachedIsPassedOverAndLeavesNoEvent() throws Exception {
        try (TestGateway gateway = new TestGateway(
                dir,
                "providers.duo.upstreams.dead.base-url",
                "http://127.0.0.1:1",
                "providers.duo.upstreams.dead.weight",
                "1000000",
                "providers.duo.upstreams.alive.base-url",
                "http://127.0.0.1:" + other.port())) {
            HttpResponse<String> answer = gateway.post("/duo/v1/chat/completions", BODY);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(attempts(gateway, 1)).containsExactly(Tuple.tuple(2, Outcome.completed, 200));
            assertThat(gateway.meters.scrape())
                    .contains("tokenmeter_gateway_retries_total{provider=\"duo\",reason=\"connect\"} 1.0");
        }
    }

    @Test
    void aKeyThatIsLimitedIsPassedOverForAnother() throws Exception {
        try (TestGateway gateway = new TestGateway(
                dir,
                "providers.openai.api-key",
                "",
                "providers.openai.keys.full.api-key",
                "sk-full",
                "providers.openai.keys.full.weight",
                "1000000",
                "providers.openai.keys.free.api-key",
                "sk-free")) {
            gateway.key("tm-1", "acme", Map.of(), true, null);
            gateway.upstream.answer(request -> request.response()
                    .setStatusCode(request.getHeader(AUTH).endsWith("full") ? 429 : 200)
                    .putHeader("retry-after", "3600")
                    .end("{}"));
            assertThat(gateway.post(CHAT, BODY, AUTH, "Bearer tm-1").statusCode())
                    .isEqualTo(200);
            assertThat(gateway.upstream.seen)
                    .extracting(seen -> seen.headers().get(AUTH))
                    .containsExactly("Bearer sk-full", "Bearer sk-free");
            assertThat(attempts(gateway, 1)).containsExactly(Tuple.tuple(2, Outcome.completed, 200));
        }
    }

    @Test
    void aKeyThatIsBoundToAProvidersKeyUsesThatOne() throws Exception {
        try (TestGateway gateway = new TestGateway(
                dir,
                "providers.openai.api-key",
                "",
                "providers.openai.keys.a.api-key",
                "sk-a",
                "providers.openai.keys.b.api-key",
                "sk-b",
                "providers.openai.keys.b.weight",
                "0")) {
            gateway.boundKey("tm-b", List.of(), Map.of("openai", "b"));
            gateway.boundKey("tm-lost", List.of(), Map.of("openai", "gone"));
            HttpResponse<String> served = gateway.post(CHAT, BODY, AUTH, "Bearer tm-b");
            assertThat(served.statusCode()).as(served.body()).isEqualTo(200);
            assertThat(gateway.upstream.last().headers().get(AUTH)).isEqualTo("Bearer sk-b");
            HttpResponse<String> lost = gateway.post(CHAT, BODY, AUTH, "Bearer tm-lost");
            assertThat(lost.statusCode()).isEqualTo(403);
            assertThat(lost.body()).contains("provider_key_missing").contains("gone");
        }
    }

    @Test
    void aFallbackAnswersUnderItsOwnNameForTheModelThatItHas() throws Exception {
        try (TestGateway gateway = withFallback()) {
            answerStatus(gateway.upstream, 503);
            HttpResponse<String> answer = gateway.post(CHAT, BODY, AUTH, "Bearer tm-1");
            assertThat(answer.statusCode()).isEqualTo(200);
            Upstream.Seen seen = other.last();
            assertThat(seen.uri()).isEqualTo("/compatible/v1/chat/completions");
            assertThat(seen.body()).isEqualTo(BODY.replace("gpt-4o", "vendor/gpt-4o"));
            assertThat(seen.headers().getAll(AUTH)).containsExactly("Bearer sk-spare");
            UsageEvent event = gateway.event();
            assertThat(event.getProvider()).isEqualTo("spare");
            assertThat(event.getRequestedModel()).isEqualTo("gpt-4o");
            assertThat(event.getAttempt()).isEqualTo(2);
        }
    }

    @Test
    void aCallersOwnKeyGoesToNoOtherProvider() throws Exception {
        try (TestGateway gateway = withFallback()) {
            answerStatus(gateway.upstream, 503);
            assertThat(gateway.post(CHAT, BODY, AUTH, "Bearer sk-callers-own").statusCode())
                    .isEqualTo(503);
            assertThat(other.seen).isEmpty();
        }
    }

    @Test
    void aKeyFallsBackOnlyToProvidersThatItMayUse() throws Exception {
        try (TestGateway gateway = withFallback("providers.openai.retry.max-attempts", "2")) {
            gateway.boundKey("tm-openai", List.of("openai"), Map.of());
            answerStatus(gateway.upstream, 503);
            assertThat(gateway.post(CHAT, BODY, AUTH, "Bearer tm-openai").statusCode())
                    .isEqualTo(503);
            assertThat(other.seen).isEmpty();
        }
    }

    @Test
    void aProviderWithoutAnyChoiceIsAskedOnceAndItsAnswerPasses() throws Exception {
        try (TestGateway gateway = new TestGateway(dir)) {
            answerStatus(gateway.upstream, 503, "retry-after", "7");
            HttpResponse<String> answer = gateway.post(CHAT, BODY);
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("as the provider says");
            assertThat(answer.headers().allValues("retry-after")).containsExactly("7");
            assertThat(gateway.upstream.seen).hasSize(1);
        }
    }

    @Test
    void attemptsAreBoundedAndTheLastAnswerPasses() throws Exception {
        try (TestGateway gateway = new TestGateway(
                dir,
                "providers.openai.retry.on",
                "429",
                "providers.openai.retry.max-attempts",
                "4",
                "providers.openai.retry.min-back-off",
                "10ms")) {
            answerStatus(gateway.upstream, 429, "retry-after-ms", "20");
            HttpResponse<String> answer = gateway.post(CHAT, BODY);
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.body()).contains("as the provider says");
            assertThat(gateway.upstream.seen)
                    .hasSize(4)
                    .allMatch(seen -> seen.body().equals(BODY));
            assertThat(attempts(gateway, 1)).containsExactly(Tuple.tuple(4, Outcome.upstream_error, 429));
        }
    }

    @Test
    void aProviderThatAsksForALongPauseIsNotAskedAgain() throws Exception {
        try (TestGateway gateway = new TestGateway(dir, "providers.openai.retry.on", "429")) {
            answerStatus(gateway.upstream, 429, "retry-after", "60");
            assertThat(gateway.post(CHAT, BODY).statusCode()).isEqualTo(429);
            assertThat(gateway.upstream.seen).hasSize(1);
        }
    }

    @Test
    void anAttemptThatMayBeBilledIsAnEventOfItsOwn() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try (TestGateway gateway = new TestGateway(
                dir,
                "providers.openai.retry.on",
                "500, timeout",
                "providers.openai.retry.min-back-off",
                "10ms",
                "providers.openai.first-byte-timeout",
                "3s")) {
            gateway.upstream.answer(request -> {
                switch (calls.incrementAndGet()) {
                    case 1 -> request.response().setStatusCode(500).end("{}");
                    case 2 -> {} // no answer
                    default ->
                        request.response()
                                .putHeader("content-type", "application/json")
                                .end(Upstream.fixture("openai-chat.json"));
                }
            });
            assertThat(gateway.post(CHAT, BODY).statusCode()).isEqualTo(200);
            assertThat(attempts(gateway, 3))
                    .containsExactly(
                            Tuple.tuple(1, Outcome.upstream_error, 500),
                            Tuple.tuple(2, Outcome.timeout, null),
                            Tuple.tuple(3, Outcome.completed, 200));
            assertThat(gateway.sink.events())
                    .extracting(UsageEvent::getUncachedInputTokens)
                    .containsExactly(0L, 0L, 80L);
            assertThat(gateway.meters
                            .get("tokenmeter.gateway.active.requests")
                            .gauge()
                            .value())
                    .isZero();
        }
    }

    @Test
    void nothingIsTriedAgainOnceTheClientHasSeenAByte() throws Exception {
        try (TestGateway gateway = withFallback()) {
            gateway.upstream.answer(request -> {
                request.response()
                        .putHeader("content-type", "text/event-stream")
                        .setChunked(true);
                request.response()
                        .write("data: {\"model\":\"gpt-4o\",\"choices\":[{}]}\n\n")
                        .onComplete(written -> request.connection().close());
            });
            try {
                gateway.post(CHAT, "{\"model\":\"gpt-4o\",\"stream\":true}", AUTH, "Bearer tm-1");
            } catch (IOException brokenOff) {
                assertThat(brokenOff).isNotNull();
            }
            assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.upstream_error);
            assertThat(other.seen).isEmpty();
        }
    }

    @Test
    void aBodyThatIsNotHeldIsSentOnce() throws Exception {
        try (TestGateway gateway = withFallback()) {
            answerStatus(gateway.upstream, 503);
            HttpResponse<String> answer = gateway.http.send(
                    java.net.http.HttpRequest.newBuilder(java.net.URI.create(gateway.url("/openai/v1/audio/speech")))
                            .header(AUTH, "Bearer tm-1")
                            .header("content-type", "audio/mpeg")
                            .POST(java.net.http.HttpRequest.BodyPublishers.ofString("sound"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(gateway.upstream.seen).hasSize(1);
            assertThat(other.seen).isEmpty();
        }
    }

    @Test
    void anAddressThatFailsIsLeftAloneAndComesBackByATrial() throws Exception {
        try (TestGateway gateway = new TestGateway(
                dir,
                "providers.openai.circuit-breaker.min-calls",
                "2",
                "providers.openai.circuit-breaker.open-for",
                "3s")) {
            answerStatus(gateway.upstream, 503);
            gateway.post(CHAT, BODY);
            gateway.post(CHAT, BODY);
            gateway.upstream.answerJson("openai-chat.json");
            HttpResponse<String> refused = gateway.post(CHAT, BODY);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("retry-after"))
                    .hasValueSatisfying(
                            wait -> assertThat(Integer.parseInt(wait)).isBetween(1, 3));
            assertThat(refused.body()).contains("\"code\":\"upstream_unavailable\"");
            assertThat(gateway.upstream.seen).hasSize(2);
            String state = "upstream_breaker_state{provider=\"openai\",upstream=\"default\"} ";
            assertThat(gateway.meters.scrape()).contains(state + "2.0");
            assertThat(attempts(gateway, 3)).contains(Tuple.tuple(1, Outcome.blocked, null));
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> gateway.post(CHAT, BODY).statusCode() == 200);
            assertThat(gateway.meters.scrape()).contains(state + "0.0");
        }
    }

    @Test
    void whileAnAddressIsLeftAloneItsFallbackIsAskedAtOnce() throws Exception {
        try (TestGateway gateway = withFallback(
                "providers.openai.circuit-breaker.min-calls", "1", "providers.openai.circuit-breaker.open-for", "1m")) {
            answerStatus(gateway.upstream, 503);
            gateway.post(CHAT, BODY, AUTH, "Bearer tm-1");
            gateway.post(CHAT, BODY, AUTH, "Bearer tm-1");
            assertThat(gateway.upstream.seen).hasSize(1);
            assertThat(other.seen).hasSize(2);
            assertThat(attempts(gateway, 2))
                    .containsExactly(Tuple.tuple(2, Outcome.completed, 200), Tuple.tuple(1, Outcome.completed, 200));
        }
    }
}
