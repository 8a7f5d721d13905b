package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a call leaves behind, however it ends. */
class MeteringTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String STREAM = "{\"model\":\"gpt-4o\",\"stream\":true,\"messages\":[]}";

    private TestGateway gateway;

    @BeforeEach
    void start(@TempDir Path dir) throws Exception {
        gateway = new TestGateway(
                dir, "providers.openai.first-byte-timeout", "3s", "providers.openai.idle-timeout", "3s");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void anEventSaysAllThatIsKnownOfTheCall() throws Exception {
        gateway.upstream.answerJson("openai-chat.json");
        Instant before = Instant.now().minusMillis(1);
        HttpResponse<String> response = gateway.post(
                CHAT + "?x=1",
                "{\"model\":\"gpt-4o\",\"messages\":[{\"content\":\"secret prompt\"}]}",
                "Authorization",
                "Bearer sk-callers-own",
                "X-Tokenmeter-Tags",
                "{\"team\":\"growth\"}",
                "X-Tokenmeter-Tag-Feature",
                "chat bot",
                "traceparent",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        assertThat(response.body())
                .isEqualTo(Upstream.fixture("openai-chat.json").toString());
        UsageEvent event = gateway.event();
        assertThat(event.getEventId().version()).isEqualTo(7);
        assertThat(event.getOccurredAt()).isBetween(before, Instant.now());
        assertThat(event.getGatewayId()).isEqualTo("gw-test");
        assertThat(event.getSource()).isEqualTo("gateway");
        assertThat(event.getProviderRequestId()).isEqualTo("req_openai");
        assertThat(event.getTraceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(event.getTenant()).isEqualTo("default");
        assertThat(event.getApiKeyId()).startsWith("pt_").hasSize(19).doesNotContain("callers");
        assertThat(event.getTags()).isEqualTo(Map.of("team", "growth", "feature", "chat bot"));
        assertThat(event.getProvider()).isEqualTo("openai");
        assertThat(event.getModel()).isEqualTo("gpt-4o-2024-08-06");
        assertThat(event.getRequestedModel()).isEqualTo("gpt-4o");
        assertThat(event.getOperation()).isEqualTo("chat");
        assertThat(event.getServiceTier()).isEqualTo("default");
        assertThat(event.getStreamed()).isFalse();
        assertThat(event.getOutcome()).isEqualTo(Outcome.completed);
        assertThat(event.getHttpStatus()).isEqualTo(200);
        assertThat(event.getUncachedInputTokens()).isEqualTo(80);
        assertThat(event.getCacheReadInputTokens()).isEqualTo(1920);
        assertThat(event.getReasoningOutputTokens()).isEqualTo(192);
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.provider);
        assertThat(event.getRawUsage()).contains("\"prompt_tokens\":2006");
        assertThat(event.getCostUsd()).isEqualTo(TestGateway.COST);
        assertThat(event.getTimeToFirstTokenMs()).isNotNull();
        assertThat(event.getOverheadUs()).isPositive();
        assertThat(event.toString()).doesNotContain("secret prompt").doesNotContain("callers-own");
    }

    @Test
    void theRegionIsTheAnswersOrElseTheProviders(@TempDir Path dir) throws Exception {
        try (TestGateway regional =
                new TestGateway(dir, "providers.openai.region", "eu", "providers.anthropic.region", "global")) {
            regional.upstream.answerJson("openai-chat.json");
            regional.post(CHAT, "{\"model\":\"gpt-4o\"}");
            assertThat(regional.event().getRegion()).isEqualTo("eu");

            regional.upstream.answerJson("anthropic-geo.json");
            regional.post("/anthropic/v1/messages", "{\"model\":\"claude-opus-4-6\"}");
            await().until(() -> regional.sink.events().size() == 2);
            assertThat(regional.sink.events().get(1).getRegion()).isEqualTo("us");
        }
        gateway.upstream.answerJson("openai-chat.json");
        gateway.post(CHAT, "{\"model\":\"gpt-4o\"}");
        assertThat(gateway.event().getRegion()).isNull();
    }

    @Test
    void usageIsAskedForInStreamsAndHiddenFromWhoDidNotAsk() throws Exception {
        gateway.upstream.answerStream("openai-chat-stream.sse");
        HttpResponse<String> response = gateway.post(CHAT, STREAM);
        assertThat(gateway.upstream.last().body()).contains("\"stream_options\":{\"include_usage\":true}");
        assertThat(response.body()).endsWith("data: [DONE]\n\n").doesNotContain("\"choices\": []");
        assertThat(gateway.event().getUncachedInputTokens()).isEqualTo(80);
        assertThat(gateway.event().getStreamed()).isTrue();
    }

    @Test
    void whoAskedForUsageGetsTheStreamByteForByte() throws Exception {
        gateway.upstream.answerStream("openai-chat-stream.sse");
        String request = "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}";
        HttpResponse<String> response = gateway.post(CHAT, request);
        assertThat(gateway.upstream.last().body()).isEqualTo(request);
        assertThat(response.body())
                .isEqualTo(Upstream.fixture("openai-chat-stream.sse").toString());
    }

    @Test
    void theEventIsSafeBeforeTheAnswerEnds() throws Exception {
        gateway.sink.setAway(true);
        gateway.upstream.answerStream("anthropic-stream.sse");
        HttpResponse<String> response = gateway.post("/anthropic/v1/messages", "{\"model\":\"c\",\"stream\":true}");
        assertThat(response.body()).contains("message_stop");
        assertThat(gateway.meters
                        .get("tokenmeter.gateway.outbox.events")
                        .gauge()
                        .value())
                .isEqualTo(1);
        gateway.sink.setAway(false);
        assertThat(gateway.event().getTextOutputTokens()).isEqualTo(503);
        await().until(() ->
                gateway.meters.get("tokenmeter.gateway.outbox.events").gauge().value() == 0);
    }

    @Test
    void errorsOfTheProviderPassUnchangedAndAreMetered() throws Exception {
        gateway.upstream.answer(request -> request.response()
                .setStatusCode(429)
                .putHeader("content-type", "application/json")
                .putHeader("retry-after", "7")
                .end("{\"error\":{\"message\":\"slow down\",\"type\":\"rate_limit\"}}"));
        gateway.key("tm-secret", "acme", Map.of(), true, null);
        HttpResponse<String> response =
                gateway.post(CHAT, "{\"model\":\"gpt-4o\"}", "Authorization", "Bearer tm-secret");
        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.headers().firstValue("retry-after")).hasValue("7");
        assertThat(response.body()).contains("slow down");
        UsageEvent event = gateway.event();
        assertThat(event.getOutcome()).isEqualTo(Outcome.upstream_error);
        assertThat(event.getHttpStatus()).isEqualTo(429);
        assertThat(event.getModel()).isEqualTo("gpt-4o");
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.none);
    }

    @Test
    void anErrorAmidTheStreamIsNoSuccess() throws Exception {
        gateway.upstream.answerStream("anthropic-error-midstream.sse");
        gateway.post("/anthropic/v1/messages", "{\"model\":\"c\",\"stream\":true}");
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.upstream_error);
        assertThat(gateway.event().getUncachedInputTokens()).isEqualTo(2095);
    }

    @Test
    void aClientThatHangsUpIsChargedForWhatWasSeenAndTheProviderIsToldToStop() throws Exception {
        String start = Upstream.fixture("anthropic-stream.sse").toString().split("event: content_block_delta")[0];
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "text/event-stream")
                .setChunked(true)
                .write(start));
        HttpRequest request = gateway.request("/anthropic/v1/messages")
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"c\",\"stream\":true}"))
                .build();
        try (InputStream body = gateway.http
                .send(request, HttpResponse.BodyHandlers.ofInputStream())
                .body()) {
            assertThat(body.read()).isEqualTo('e');
        }
        UsageEvent event = gateway.event();
        assertThat(event.getOutcome()).isEqualTo(Outcome.client_aborted);
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.partial);
        assertThat(event.getCacheReadInputTokens()).isEqualTo(1800);
        await().until(() -> gateway.upstream.cancelled.contains("/v1/messages"));
    }

    @Test
    void aProviderThatBreaksOffBreaksTheAnswerOffAndIsMetered() throws Exception {
        gateway.upstream.answer(request -> {
            request.response().putHeader("content-type", "text/event-stream").setChunked(true);
            request.response()
                    .write("data: {\"model\":\"gpt-4o\",\"choices\":[{}]}\n\ndata: {\"mod")
                    .onComplete(written -> request.connection().close());
        });
        HttpRequest request = gateway.request(CHAT)
                .POST(HttpRequest.BodyPublishers.ofString(STREAM))
                .build();
        InputStream body = gateway.http
                .send(request, HttpResponse.BodyHandlers.ofInputStream())
                .body();
        StringBuilder seen = new StringBuilder();
        boolean broken = false;
        try {
            for (int b = body.read(); b >= 0; b = body.read()) {
                seen.append((char) b);
            }
        } catch (java.io.IOException e) {
            broken = true;
        }
        assertThat(broken).isTrue();
        assertThat(seen.toString()).endsWith("data: {\"mod");
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.upstream_error);
        assertThat(gateway.event().getModel()).isEqualTo("gpt-4o");
    }

    @Test
    void aSilentProviderTimesOut() throws Exception {
        gateway.upstream.answer(request -> {});
        HttpResponse<String> response = gateway.post(CHAT, "{\"model\":\"gpt-4o\"}");
        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.timeout);
        await().until(() -> gateway.upstream.cancelled.contains("/v1/chat/completions"));
    }

    @Test
    void anUnreachableProviderIsABadGatewayAndMetered() throws Exception {
        gateway.upstream.close();
        HttpResponse<String> response = gateway.post(CHAT, "{\"model\":\"gpt-4o\"}");
        assertThat(response.statusCode()).isEqualTo(502);
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.upstream_error);
        assertThat(gateway.event().getHttpStatus()).isNull();
    }

    @Test
    void anAnswerThatSendsNoEndAfterItsLastEventDoesNotKeepTheClientWaiting() throws Exception {
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "text/event-stream")
                .setChunked(true)
                .write(Upstream.fixture("openai-chat-stream.sse")));
        HttpResponse<String> response = gateway.post(CHAT, STREAM);
        assertThat(response.body()).endsWith("data: [DONE]\n\n");
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.completed);
    }

    @Test
    void callsThatCostNothingPassUnmeteredAndUnknownOnesDoNot() throws Exception {
        HttpRequest models = gateway.request("/openai/v1/models").GET().build();
        assertThat(gateway.http
                        .send(models, HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
        gateway.post("/anthropic/v1/messages/count_tokens", "{}");
        gateway.key("tm-secret", "acme", Map.of(), true, null);
        gateway.post("/openai/v1/something/new", "{\"model\":\"m\"}", "Authorization", "Bearer tm-secret");
        assertThat(gateway.event().getOperation()).isEqualTo("other");
        assertThat(gateway.event().getRequestedModel()).isEqualTo("m");
        assertThat(gateway.upstream.seen)
                .extracting(Upstream.Seen::uri)
                .containsExactly("/v1/models", "/v1/messages/count_tokens", "/v1/something/new");
    }

    @Test
    void metricsTellTrafficTokensCostAndOverhead() throws Exception {
        gateway.upstream.answerJson("anthropic-message.json");
        gateway.post("/anthropic/v1/messages", "{\"model\":\"claude-sonnet-4-5\"}");
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(gateway.meters.scrape())
                        .contains("gen_ai_client_operation_duration_seconds_count{")
                        .contains("gen_ai_response_model=\"claude-sonnet-4-5-20250929\"")
                        .containsPattern("tokenmeter_gateway_tokens_total\\{.*kind=\"text_output\".*} 503")
                        .containsPattern("gen_ai_client_token_usage_sum\\{.*gen_ai_token_type=\"output\".*} 503")
                        .contains("tokenmeter_gateway_cost_usd_total{")
                        .contains("tokenmeter_gateway_overhead_seconds_bucket{")
                        .contains("tokenmeter_gateway_outbox_bytes 0.0"));
    }
}
