package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.gateway.proxy.ProxyConfig;
import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.schemas.UsageSource;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Providers and surfaces beside chat with OpenAI, Anthropic and Gemini, through the gateway. */
class SurfacesTest {
    private static final String DEPLOYMENT = "/azure/openai/deployments/my-gpt/chat/completions?api-version=";
    private static final String STREAM = "{\"messages\":[],\"stream\":true}";

    @TempDir
    Path dir;

    private TestGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new TestGateway(
                dir,
                PriceBook.shipped(),
                "gateway.max-request-body-bytes",
                "1024",
                "providers.azure.base-url",
                "http://{upstream}",
                "providers.azure.api-key",
                "az-configured",
                "providers.cohere.base-url",
                "http://{upstream}",
                "providers.my-vllm.base-url",
                "http://{upstream}/v1",
                "providers.my-vllm.api-key",
                "vllm",
                "providers.openrouter.api-key",
                "or");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void azuresDeploymentsAreCalledAsItsSdksCallThem() throws Exception {
        gateway.key("tm-1", "acme", Map.of(), true, null);
        gateway.upstream.answerStream("azure-stream.sse");
        gateway.post(DEPLOYMENT + "2024-10-21", STREAM, "api-key", "tm-1");
        Upstream.Seen seen = gateway.upstream.last();
        assertThat(seen.uri()).isEqualTo("/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21");
        assertThat(seen.headers().getAll("api-key")).containsExactly("az-configured");
        assertThat(seen.headers().contains("authorization")).isFalse();
        assertThat(seen.body()).contains("include_usage");
        UsageEvent event = gateway.event();
        assertThat(event.getProvider()).isEqualTo("azure");
        assertThat(event.getTenant()).isEqualTo("acme");
        assertThat(event.getRequestedModel()).isEqualTo("my-gpt");
        assertThat(event.getModel()).isEqualTo("gpt-4o-2024-11-20");
        assertThat(event.getUncachedInputTokens()).isEqualTo(11);
    }

    @Test
    void azuresOldVersionsAreNotAskedForWhatTheyRefuse() throws Exception {
        gateway.post(DEPLOYMENT + "2024-06-01", STREAM, "api-key", "callers-own");
        assertThat(gateway.upstream.last().body()).isEqualTo(STREAM);
        assertThat(gateway.upstream.last().headers().get("api-key")).isEqualTo("callers-own");
    }

    @Test
    void azuresV1SurfaceIsLikeOpenAis() throws Exception {
        gateway.upstream.answerJson("openai-responses-tools.json");
        gateway.post("/azure/openai/v1/responses", "{\"model\":\"my-gpt5\"}", "authorization", "Bearer entra");
        assertThat(gateway.upstream.last().uri()).isEqualTo("/openai/v1/responses");
        UsageEvent event = gateway.event();
        assertThat(event.getOperation()).isEqualTo("responses");
        assertThat(event.getRequestedModel()).isEqualTo("my-gpt5");
        assertThat(event.getUnits().get("web_search_requests")).isEqualByComparingTo("2");
    }

    @Test
    void azureNeedsItsAddress() {
        assertThatThrownBy(() -> ProxyConfig.from(Settings.of(Map.of("providers.azure.api-key", "k"))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("providers.azure.base-url");
        assertThat(ProxyConfig.from(Settings.of(Map.of())).providers())
                .extracting(provider -> provider.name())
                .contains("cohere")
                .doesNotContain("azure");
    }

    @Test
    void anyCompatibleServerIsAProviderByItsAddress() throws Exception {
        gateway.upstream.answerStream("vllm-stream.sse");
        HttpResponse<String> response = gateway.post("/my-vllm/v1/chat/completions", STREAM);
        assertThat(gateway.upstream.last().uri()).isEqualTo("/v1/chat/completions");
        assertThat(response.body()).contains("ü🚀").doesNotContain("\"usage\"");
        assertThat(gateway.event().getProvider()).isEqualTo("my-vllm");
        assertThat(gateway.event().getModel()).isEqualTo("Qwen/Qwen3-8B");
        assertThat(gateway.event().getTextOutputTokens()).isEqualTo(7);
    }

    @Test
    void coheresOwnApiIsUnderstood() throws Exception {
        gateway.upstream.answerJson("cohere-rerank.json");
        gateway.post("/cohere/v2/rerank", "{\"model\":\"rerank-v3.5\",\"query\":\"q\"}");
        UsageEvent event = gateway.event();
        assertThat(event.getOperation()).isEqualTo("rerank");
        assertThat(event.getModel()).isEqualTo("rerank-v3.5");
        assertThat(event.getUnits().get("search_units")).isEqualByComparingTo("1");
    }

    @Test
    void speechIsBilledByWhatIsToBeSpoken() throws Exception {
        gateway.upstream.answer(request ->
                request.response().putHeader("content-type", "audio/mpeg").end("ID3"));
        gateway.post("/openai/v1/audio/speech", "{\"model\":\"tts-1\",\"input\":\"Grüße\",\"voice\":\"alloy\"}");
        UsageEvent event = gateway.event();
        assertThat(event.getOperation()).isEqualTo("audio");
        assertThat(event.getUnits()).containsOnlyKeys("characters");
        assertThat(event.getUnits().get("characters")).isEqualByComparingTo("5");
        assertThat(event.toString()).doesNotContain("Grüße");
    }

    @Test
    void speechThatWasRefusedBillsNothing() throws Exception {
        gateway.upstream.answer(request -> request.response().setStatusCode(400).end("{}"));
        gateway.post("/openai/v1/audio/speech", "{\"model\":\"tts-1\",\"input\":\"Hi\"}");
        assertThat(gateway.event().getUnits()).isEmpty();
    }

    @Test
    void anImagesSizeAndQualityAreWhatItIsBilledBy() throws Exception {
        gateway.upstream.answerJson("openai-image-dalle.json");
        gateway.post(
                "/openai/v1/images/generations",
                "{\"model\":\"dall-e-3\",\"size\":\"1024x1792\",\"quality\":\"hd\",\"prompt\":\"p\"}");
        assertThat(gateway.event().getUnits().get("images:1024x1792:hd")).isEqualByComparingTo("2");
        assertThat(gateway.event().getModel()).isEqualTo("dall-e-3");
    }

    @Test
    void aFormLongerThanMayBeHeldStreamsThroughAndNamesItsModel() throws Exception {
        gateway.upstream.answerJson("openai-transcription-seconds.json");
        String head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n";
        String tail = "\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b--\r\n";
        byte[] file = new byte[3 << 20];
        HttpRequest request = HttpRequest.newBuilder(
                        java.net.URI.create(gateway.url("/openai/v1/audio/transcriptions")))
                .header("content-type", "multipart/form-data; boundary=b")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> joined(head, file, tail)))
                .build();
        assertThat(gateway.http
                        .send(request, HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
        assertThat(gateway.upstream.last().body()).hasSize(head.length() + file.length + tail.length());
        UsageEvent event = gateway.event();
        assertThat(event.getModel()).isEqualTo("whisper-1");
        assertThat(event.getOperation()).isEqualTo("audio");
        assertThat(event.getUnits().get("seconds")).isEqualByComparingTo("9");
    }

    private static InputStream joined(String head, byte[] file, String tail) {
        return new SequenceInputStream(Collections.enumeration(List.of(
                new ByteArrayInputStream(head.getBytes(StandardCharsets.UTF_8)),
                new ByteArrayInputStream(file),
                new ByteArrayInputStream(tail.getBytes(StandardCharsets.UTF_8)))));
    }

    @Test
    void usageInAHeaderCountsWhereTheBodyHasNone() throws Exception {
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "application/json")
                .putHeader("X-Amzn-Bedrock-Input-Token-Count", "12")
                .putHeader("X-Amzn-Bedrock-Output-Token-Count", "34")
                .end("{\"generation\":\"Hi\"}"));
        gateway.post("/my-vllm/v1/model/m/invoke", "{\"prompt\":\"p\"}");
        UsageEvent event = gateway.event();
        assertThat(event.getUncachedInputTokens()).isEqualTo(12);
        assertThat(event.getTextOutputTokens()).isEqualTo(34);
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.provider);
        assertThat(event.getRawUsage()).contains("\"x-amzn-bedrock-output-token-count\":34");
    }

    @Test
    void moderationAndCountingTokensAreFree() throws Exception {
        gateway.upstream.answerJson("openai-moderation.json");
        gateway.post("/anthropic/v1/messages/count_tokens", "{\"model\":\"c\"}");
        gateway.post("/gemini/v1beta/models/g:countTokens", "{}");
        gateway.post("/openai/v1/moderations", "{\"input\":\"x\"}");
        UsageEvent event = gateway.event();
        assertThat(event.getOperation()).isEqualTo("moderation");
        assertThat(event.getUnits()).isEmpty();
        assertThat(event.getUncachedInputTokens()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "/openai/v1/fine_tuning/jobs,gpt-4o-mini-2024-07-18",
        "/openai/v1/videos,sora-2",
        "/openai/v1/threads/runs,gpt-4o",
        "/gemini/v1beta/models/veo-3.0-generate-001:predictLongRunning,veo-3.0-generate-001",
        "/anthropic/v1/sessions,claude-sonnet-4-5",
        "/cohere/v1/classify,embed-english-v3.0"
    })
    void whatMayBeBilledInAWayThatNobodyKnowsIsUnpricedAndNotFree(String path, String model) throws Exception {
        String[] key = {"authorization", "Bearer sk-of-the-caller"};
        gateway.upstream.answerJson("openai-chat.json");
        gateway.post("/openai/v1/chat/completions", "{\"model\":\"gpt-4o\"}", key); // of strangers no model is recorded
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "application/json")
                .end("{\"id\":\"x_1\",\"status\":\"queued\"}"));
        gateway.post(path, "{\"model\":\"" + model + "\",\"prompt\":\"a cat on a mat\"}", key);
        await().until(() -> gateway.sink.events().size() == 2);
        UsageEvent event = gateway.sink.events().get(1);
        assertThat(event.getOperation()).isEqualTo("other");
        assertThat(event.getModel()).isEqualTo(model);
        assertThat(event.getCostUsd()).isNull();
        assertThat(UsageEvents.isUnpriced(event)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/openai/v1/conversations",
                "/openai/v1/threads/thread_1/messages",
                "/openai/v1/vector_stores",
                "/openai/v1/chat/completions/chatcmpl_1",
                "/openai/v1/responses/resp_1/cancel",
                "/anthropic/v1/skills",
                "/gemini/v1beta/fileSearchStores"
            })
    void whatIsKnownToBillNothingLeavesNoEvent(String path) throws Exception {
        assertThat(gateway.post(path, "{}").statusCode()).isEqualTo(200);
        assertThat(gateway.upstream.seen).hasSize(1);
        gateway.upstream.answerJson("openai-chat.json");
        gateway.post("/openai/v1/chat/completions", "{\"model\":\"gpt-4o\"}");
        assertThat(gateway.event().getOperation()).isEqualTo("chat");
    }

    @Test
    void imagesOfImagenAreCountedAndPriced() throws Exception {
        gateway.upstream.answerJson("gemini-imagen.json");
        gateway.post(
                "/gemini/v1beta/models/imagen-3.0-generate-001:predict",
                "{\"instances\":[{\"prompt\":\"a cat\"}],\"parameters\":{\"sampleCount\":3}}");
        UsageEvent event = gateway.event();
        assertThat(event.getOperation()).isEqualTo("images");
        assertThat(event.getUnits().get("images")).isEqualByComparingTo("2");
        assertThat(event.getCostUsd()).isEqualByComparingTo("0.08");
    }

    @ParameterizedTest
    @CsvSource({
        "/openai/v1/chat/completion%73,chat",
        "/openai/v1/chat/complet%69ons/,chat",
        "/gemini/v1beta/models/gemini-2.5-flash%3AgenerateContent,generate_content"
    })
    void aPathThatIsWrittenWithEscapesIsBilledAsWhatItIs(String path, String operation) throws Exception {
        gateway.upstream.answerJson(operation.equals("chat") ? "openai-chat.json" : "gemini-generate.json");
        gateway.post(path, "{\"model\":\"gpt-4o\"}");
        assertThat(gateway.event().getOperation()).isEqualTo(operation);
        assertThat(gateway.event().getTextOutputTokens()).isPositive();
    }

    @Test
    void whatAModelSaysAtAPathThatNobodyKnowsIsEstimated() throws Exception {
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "application/json")
                .end("{\"model\":\"gpt-4o\",\"choices\":[{\"message\":{\"content\":\"Hello, how are you?\"}}]}"));
        gateway.post(
                "/openai/v1/chatter",
                "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}");
        UsageEvent event = gateway.event();
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.estimated);
        assertThat(event.getTextOutputTokens()).isEqualTo(6);
        assertThat(event.getCostUsd()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "/my-vllm/v1/messages,bearer vllm",
        "/my-vllm/anthropic/v1/messages,bearer vllm",
        "/openrouter/v1/messages,bearer or",
        "/azure/anthropic/v1/messages,x-api-key az-configured"
    })
    void whoSpeaksLikeAnthropicBesideIsReadLikeIt(String path, String credential) throws Exception {
        gateway.key("tm-1", "acme", Map.of(), true, null);
        gateway.upstream.answerJson("anthropic-message.json");
        gateway.post(path, "{\"model\":\"claude-sonnet-4-5\",\"messages\":[]}", "x-api-key", "tm-1");
        UsageEvent event = gateway.event();
        assertThat(event.getOperation()).isEqualTo("messages");
        assertThat(event.getUncachedInputTokens()).isEqualTo(2095);
        assertThat(event.getCacheReadInputTokens()).isEqualTo(1800);
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.provider);
        var headers = gateway.upstream.last().headers();
        String sent = headers.contains("authorization")
                ? headers.get("authorization").replace("Bearer", "bearer")
                : "x-api-key " + headers.get("x-api-key");
        assertThat(sent).isEqualTo(credential);
        gateway.upstream.answer(request -> request.response().setStatusCode(500).end());
        assertThat(gateway.post(path, "{}", "x-api-key", "tm-unknown").body()).startsWith("{\"type\":\"error\"");
    }

    @Test
    void anthropicsCompatibleSurfaceIsReadLikeOpenAi() throws Exception {
        gateway.key("tm-1", "acme", Map.of(), true, null);
        gateway.upstream.answerStream("openai-chat-stream.sse");
        HttpResponse<String> response = gateway.post(
                "/anthropic/v1/chat/completions",
                "{\"model\":\"claude-sonnet-4-5\",\"messages\":[],\"stream\":true}",
                "authorization",
                "Bearer tm-1");
        assertThat(response.body()).doesNotContain("prompt_tokens");
        assertThat(gateway.upstream.last().body()).contains("include_usage");
        assertThat(gateway.upstream.last().headers().get("authorization")).isEqualTo("Bearer sk-ant-configured");
        UsageEvent event = gateway.event();
        assertThat(event.getOperation()).isEqualTo("chat");
        assertThat(event.getUncachedInputTokens()).isEqualTo(80);
        assertThat(event.getTextOutputTokens()).isEqualTo(100);
    }

    @Test
    void fastModeIsNotPricedAsStandard() throws Exception {
        gateway.upstream.answerJson("anthropic-fast.json");
        gateway.post("/anthropic/v1/messages", "{\"model\":\"claude-opus-4-6\",\"speed\":\"fast\"}");
        UsageEvent event = gateway.event();
        assertThat(event.getServiceTier()).isEqualTo("fast");
        assertThat(event.getCostUsd()).isNull();
        assertThat(UsageEvents.isUnpriced(event)).isTrue();
    }

    @Test
    void anEmptyErrorIsNone() throws Exception {
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "application/json")
                .end("{\"model\":\"gpt-4o\",\"choices\":[],\"error\":{},"
                        + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}"));
        gateway.post("/openai/v1/chat/completions", "{\"model\":\"gpt-4o\"}");
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.completed);
    }
}
