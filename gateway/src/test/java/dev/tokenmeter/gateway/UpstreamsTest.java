package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.schemas.Outcome;
import io.vertx.core.http.HttpServerRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where calls go, and by which connections. */
@Timeout(60)
class UpstreamsTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String BODY = "{\"model\":\"gpt-4o\"}";

    private static Map<String, Long> uses(Upstream upstream, String header) {
        return upstream.seen.stream()
                .collect(Collectors.groupingBy(seen -> seen.headers().get(header), Collectors.counting()));
    }

    @Test
    void callsWithVirtualKeysShareTheProvidersKeysByWeight(@TempDir Path dir) throws Exception {
        try (TestGateway gateway = new TestGateway(
                dir,
                "providers.openai.api-key",
                "",
                "providers.openai.keys.chat.api-key",
                "sk-chat",
                "providers.openai.keys.chat.weight",
                "3",
                "providers.openai.keys.batch.api-key",
                "sk-batch")) {
            gateway.key("tm-1", "acme", Map.of(), true, null);
            for (int i = 0; i < 200; i++) {
                gateway.post(CHAT, BODY, "authorization", "Bearer tm-1");
            }
            Map<String, Long> uses = uses(gateway.upstream, "authorization");
            assertThat(uses).containsOnlyKeys("Bearer sk-chat", "Bearer sk-batch");
            assertThat(uses.get("Bearer sk-batch")).isBetween(20L, 80L);
        }
    }

    @Test
    void callsShareTheAddressesByWeightAndAnAddressKeepsItsOwnKey(@TempDir Path dir) throws Exception {
        try (Upstream second = new Upstream();
                TestGateway gateway = new TestGateway(
                        dir,
                        "providers.duo.upstreams.a.base-url",
                        "http://127.0.0.1:" + second.port() + "/a",
                        "providers.duo.upstreams.b.base-url",
                        "http://127.0.0.1:" + second.port() + "/b",
                        "providers.duo.upstreams.b.api-key",
                        "sk-b",
                        "providers.duo.upstreams.spare.base-url",
                        "http://127.0.0.1:" + second.port() + "/spare",
                        "providers.duo.upstreams.spare.weight",
                        "0",
                        "providers.duo.api-key",
                        "sk-shared")) {
            gateway.key("tm-1", "acme", Map.of(), true, null);
            for (int i = 0; i < 60; i++) {
                gateway.post("/duo/v1/chat/completions", BODY, "authorization", "Bearer tm-1");
            }
            assertThat(second.seen.stream()
                            .map(seen -> seen.uri() + " " + seen.headers().get("authorization"))
                            .distinct())
                    .containsExactlyInAnyOrder(
                            "/a/v1/chat/completions Bearer sk-shared", "/b/v1/chat/completions Bearer sk-b");
        }
    }

    @Test
    void headersOfTheSettingsGoUpstreamInThePlaceOfTheCallers(@TempDir Path dir) throws Exception {
        try (TestGateway gateway = new TestGateway(
                dir,
                "providers.openai.headers.OpenAI-Organization",
                "org-1",
                "providers.openai.pass-through",
                "true")) {
            gateway.post(CHAT, BODY, "openai-organization", "org-of-the-caller");
            assertThat(gateway.upstream.last().headers().getAll("openai-organization"))
                    .containsExactly("org-1");
        }
    }

    @Test
    void whatTheOperatorAddsToCallsIsNotLentToCallersWithKeysOfTheirOwn(@TempDir Path dir) throws Exception {
        TestCertificate client = new TestCertificate(dir, "dns:gateway");
        try (TestGateway gateway = new TestGateway(
                dir,
                "providers.openai.headers.Authorization",
                "Bearer sk-operator",
                "providers.mtls.base-url",
                "https://localhost:1",
                "providers.mtls.tls.client-certificate-file",
                client.certificate.toString(),
                "providers.mtls.tls.client-key-file",
                client.key.toString())) {
            gateway.key("tm-secret", "acme", Map.of(), true, null);
            for (String path : List.of(CHAT, "/openai/v1/models", "/mtls/v1/chat/completions")) {
                HttpResponse<String> refused = gateway.post(path, BODY);
                assertThat(refused.statusCode()).isEqualTo(403);
                assertThat(refused.headers().firstValue("x-should-retry")).hasValue("false");
                assertThat(refused.body()).contains("pass_through_not_allowed", ".pass-through");
            }
            assertThat(gateway.upstream.seen).isEmpty();
            assertThat(gateway.post(CHAT, BODY, "x-api-key", "tm-secret").statusCode())
                    .isEqualTo(200);
            assertThat(gateway.upstream.last().headers().getAll("authorization"))
                    .containsExactly("Bearer sk-operator");
        }
    }

    /** Here the settings' own fault; what matters is that no connection is left waiting for the rest of it. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aRequestThatCannotBeWrittenIsToldAtOnceAndLeavesTheProviderUsable(@TempDir Path dir) throws Exception {
        try (TestGateway gateway = new TestGateway(
                dir,
                "gateway.event-loops",
                "1",
                "providers.gemini.fallback",
                "spare",
                "providers.spare.dialect",
                "gemini",
                "providers.spare.base-url",
                "http://{upstream}",
                "providers.spare.api-key",
                "sk-spare",
                "providers.spare.max-connections",
                "1",
                "providers.spare.fallback-models.pro",
                "no such path")) {
            gateway.key("tm-secret", "acme", Map.of(), true, null);
            gateway.upstream.answer(
                    request -> request.response().setStatusCode(503).end("{}"));
            String[] key = {"x-goog-api-key", "tm-secret"};
            HttpResponse<String> refused = gateway.post("/gemini/v1beta/models/pro:generateContent", "{}", key);
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("request_not_writable");
            gateway.upstream.answerJson("gemini-generate.json");
            assertThat(gateway.post("/spare/v1beta/models/pro:generateContent", "{}", key)
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void anAnswerThatGoesOnForTooLongIsBrokenOff(@TempDir Path dir) throws Exception {
        try (TestGateway gateway = new TestGateway(dir, "providers.openai.total-timeout", "3s")) {
            gateway.upstream.answer(request -> {
                request.response()
                        .putHeader("content-type", "text/event-stream")
                        .setChunked(true);
                gateway.upstream.vertx().setPeriodic(50, tick -> {
                    if (!request.response().closed()) {
                        request.response().write("data: {\"model\":\"m\",\"choices\":[]}\n\n");
                    }
                });
            });
            CompletableFuture<HttpResponse<String>> answer = gateway.http.sendAsync(
                    gateway.request(CHAT)
                            .POST(java.net.http.HttpRequest.BodyPublishers.ofString("{\"stream\":true}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.timeout);
            assertThat(gateway.event().getLatencyMs()).isBetween(2_900L, 20_000L);
            assertThat(answer.handle((ok, failure) -> failure).get()).isNotNull();
        }
    }

    @Test
    void moreCallsThanMayWaitForAConnectionAreTurnedAwayAtOnce(@TempDir Path dir) throws Exception {
        try (TestGateway gateway = new TestGateway(
                dir,
                "gateway.event-loops",
                "1",
                "providers.openai.max-connections",
                "2",
                "providers.openai.max-waiting",
                "3")) {
            List<HttpServerRequest> open = new CopyOnWriteArrayList<>();
            gateway.upstream.answer(open::add);
            List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
            begin(gateway, calls, 2);
            await().until(() -> open.size() == 2);
            begin(gateway, calls, 3);
            await().untilAsserted(() -> {
                assertThat(calls).noneMatch(CompletableFuture::isDone);
                assertThat(gateway.meters
                                .get("tokenmeter.gateway.upstream.waiting.requests")
                                .tag("provider", "openai")
                                .gauge()
                                .value())
                        .isEqualTo(3);
            });
            HttpResponse<String> oneMore = gateway.post(CHAT, BODY);
            assertThat(oneMore.statusCode()).isEqualTo(503);
            assertThat(oneMore.headers().firstValue("retry-after")).isPresent();
            assertThat(oneMore.body()).contains("upstream_busy").contains("providers.openai.max-connections");
            assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.blocked);
            assertThat(gateway.event().getCostUsd()).isZero();
            gateway.upstream.answer(request -> request.response().end());
            open.forEach(request -> request.response().end());
            for (CompletableFuture<HttpResponse<String>> call : calls) {
                assertThat(call.get().statusCode()).isEqualTo(200);
            }
        }
    }

    private static void begin(TestGateway gateway, List<CompletableFuture<HttpResponse<String>>> calls, int count) {
        for (int i = 0; i < count; i++) {
            calls.add(gateway.http.sendAsync(
                    gateway.request(CHAT)
                            .POST(java.net.http.HttpRequest.BodyPublishers.ofString(BODY))
                            .build(),
                    HttpResponse.BodyHandlers.ofString()));
        }
    }

    @Test
    void aRedirectIsPassedOnAndNotFollowed(@TempDir Path dir) throws Exception {
        try (TestGateway gateway = new TestGateway(dir)) {
            gateway.upstream.answer(request -> request.response()
                    .setStatusCode(307)
                    .putHeader("location", "http://127.0.0.1:" + gateway.upstream.port() + "/elsewhere")
                    .end());
            assertThat(gateway.post(CHAT, BODY).statusCode()).isEqualTo(307);
            assertThat(gateway.upstream.seen).hasSize(1);
        }
    }

    @Test
    void providersThatHangLeaveTheEventLoopsToOthers(@TempDir Path dir) throws Exception {
        try (TestGateway gateway = new TestGateway(dir, "gateway.event-loops", "1")) {
            List<HttpServerRequest> hanging = new CopyOnWriteArrayList<>();
            gateway.upstream.answer(request -> {
                if (request.uri().endsWith("/slow")) {
                    hanging.add(request);
                } else {
                    request.response().end("quick");
                }
            });
            List<CompletableFuture<HttpResponse<String>>> slow = IntStream.range(0, 200)
                    .mapToObj(i -> gateway.http.sendAsync(
                            gateway.request("/openai/v1/slow")
                                    .POST(java.net.http.HttpRequest.BodyPublishers.ofString(BODY))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString()))
                    .toList();
            await().atMost(Duration.ofSeconds(20)).until(() -> hanging.size() == 200);
            assertThat(gateway.post("/openai/v1/other", BODY).body()).isEqualTo("quick");
            assertThat(slow).noneMatch(CompletableFuture::isDone);
            hanging.forEach(request -> request.response().end("late"));
            for (CompletableFuture<HttpResponse<String>> call : slow) {
                assertThat(call.get().body()).isEqualTo("late");
            }
        }
    }
}
