package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.gateway.proxy.ProxyConfig;
import dev.tokenmeter.schemas.UsageEvent;
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
                "gateway.max-request-body-bytes",
                "1024",
                "providers.azure.base-url",
                "http://{upstream}",
                "providers.azure.api-key",
                "az-configured",
                "providers.cohere.base-url",
                "http://{upstream}",
                "providers.my-vllm.base-url",
                "http://{upstream}/v1");
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
}
