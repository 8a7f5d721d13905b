package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Google's Gemini API, native and compatible with OpenAI's, through the gateway. */
class GeminiTest {
    private static final String MODEL = "/gemini/v1beta/models/gemini-2.5-flash";
    private static final String BODY = "{\"contents\":[{\"parts\":[{\"text\":\"Hi\"}]}]}";

    private TestGateway gateway;

    @BeforeEach
    void start(@TempDir Path dir) throws Exception {
        gateway = new TestGateway(dir);
        gateway.key("tm-secret", "acme", Map.of(), true, null);
        gateway.upstream.answerJson("gemini-generate.json");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void generateContentIsMetered() throws Exception {
        HttpResponse<String> response = gateway.post(MODEL + ":generateContent", BODY, "x-goog-api-key", "AIza-mine");
        assertThat(response.body())
                .isEqualTo(Upstream.fixture("gemini-generate.json").toString());
        assertThat(gateway.upstream.last().uri()).isEqualTo("/v1beta/models/gemini-2.5-flash:generateContent");
        assertThat(gateway.upstream.last().headers().get("x-goog-api-key")).isEqualTo("AIza-mine");
        UsageEvent event = gateway.event();
        assertThat(event.getProvider()).isEqualTo("gemini");
        assertThat(event.getOperation()).isEqualTo("generate_content");
        assertThat(event.getModel()).isEqualTo("gemini-2.5-flash");
        assertThat(event.getRequestedModel()).isEqualTo("gemini-2.5-flash");
        assertThat(event.getApiKeyId()).matches("pt_[0-9a-f]{16}");
        assertThat(event.getUncachedInputTokens()).isEqualTo(440);
        assertThat(event.getCacheReadInputTokens()).isEqualTo(600);
        assertThat(event.getReasoningOutputTokens()).isEqualTo(500);
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.provider);
    }

    @ParameterizedTest
    @CsvSource({"gemini-stream.sse,?alt=sse,true", "gemini-stream.json,'',false"})
    void bothKindsOfStreamReachTheClientUnchangedAndAreMetered(String fixture, String query, boolean sse)
            throws Exception {
        if (sse) {
            gateway.upstream.answerStream(fixture);
        } else {
            gateway.upstream.answerJson(fixture);
        }
        HttpResponse<String> response = gateway.post(MODEL + ":streamGenerateContent" + query, BODY);
        assertThat(response.body()).isEqualTo(Upstream.fixture(fixture).toString());
        assertThat(gateway.event().getTextOutputTokens()).isEqualTo(3);
        assertThat(gateway.event().getReasoningOutputTokens()).isEqualTo(30);
        assertThat(gateway.event().getStreamed()).isEqualTo(sse);
    }

    @Test
    void anErrorWithinAStreamIsTheProvidersAndWhatCameBeforeCounts() throws Exception {
        gateway.upstream.answerJson("gemini-error-midstream.json");
        gateway.post(MODEL + ":streamGenerateContent", BODY);
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.upstream_error);
        assertThat(gateway.event().getTextOutputTokens()).isEqualTo(3);
        assertThat(gateway.event().getUsageSource()).isEqualTo(UsageSource.partial);
    }

    @ParameterizedTest
    @ValueSource(strings = {"embedContent", "batchEmbedContents"})
    void embeddingsAreMeteredUnderTheRequestedModelAndEstimatedAsTheirAnswersNameNeitherModelNorUsage(String method)
            throws Exception {
        gateway.upstream.answerJson("gemini-embed.json");
        gateway.post("/gemini/v1beta/models/gemini-embedding-001:" + method, BODY);
        assertThat(gateway.event().getOperation()).isEqualTo("embeddings");
        assertThat(gateway.event().getModel()).isEqualTo("gemini-embedding-001");
        assertThat(gateway.event().getUsageSource()).isEqualTo(UsageSource.estimated);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                MODEL + ":countTokens",
                MODEL + ":batchGenerateContent",
                "/gemini/upload/v1beta/files",
                "/gemini/v1beta/batches/b1:cancel",
                "/gemini/v1beta/openai/files"
            })
    void whatIsFreeIsForwardedUnmetered(String path) throws Exception {
        assertThat(gateway.post(path, BODY).statusCode()).isEqualTo(200);
        gateway.post(MODEL + ":generateContent", BODY);
        assertThat(gateway.event().getOperation()).isEqualTo("generate_content");
        assertThat(gateway.upstream.seen).hasSize(2);
    }

    @Test
    void theCompatibleSurfaceSpeaksLikeOpenAi() throws Exception {
        gateway.upstream.answerJson("gemini-openai-chat.json");
        gateway.post(
                "/gemini/v1beta/openai/chat/completions",
                "{\"model\":\"gemini-2.5-pro\",\"stream\":true,\"user\":\"ann\"}",
                "Authorization",
                "Bearer tm-secret");
        assertThat(gateway.upstream.last().uri()).isEqualTo("/v1beta/openai/chat/completions");
        assertThat(gateway.upstream.last().headers().get("authorization")).isEqualTo("Bearer AIza-configured");
        assertThat(gateway.upstream.last().body()).contains("include_usage");
        assertThat(gateway.event().getOperation()).isEqualTo("chat");
        assertThat(gateway.event().getModel()).isEqualTo("gemini-2.5-pro");
        assertThat(gateway.event().getReasoningOutputTokens()).isEqualTo(865);
        assertThat(gateway.event().getEndUser()).isNotNull();
    }

    @Test
    void aKeyInTheQueryIsForwardedAsItIsAndHashedIntoTheEvent() throws Exception {
        gateway.post(MODEL + ":generateContent?a=%2F&key=AIza%2Dmine", BODY);
        assertThat(gateway.upstream.last().uri()).endsWith("?a=%2F&key=AIza%2Dmine");
        assertThat(gateway.event().getApiKeyId()).matches("pt_[0-9a-f]{16}");
        assertThat(gateway.event().toString()).doesNotContain("AIza");
    }

    @ParameterizedTest
    @CsvSource({"?key=tm-secret,''", "?alt=sse&key=tm-secret&b=%20,?alt=sse&b=%20"})
    void aVirtualKeyInTheQueryNeverLeavesTheGateway(String query, String left) throws Exception {
        gateway.post(MODEL + ":generateContent" + query, BODY);
        assertThat(gateway.upstream.last().uri()).isEqualTo("/v1beta/models/gemini-2.5-flash:generateContent" + left);
        assertThat(gateway.upstream.last().headers().get("x-goog-api-key")).isEqualTo("AIza-configured");
        assertThat(gateway.event().getTenant()).isEqualTo("acme");
    }

    @Test
    void aVirtualKeyInGooglesHeaderNeverLeavesTheGateway() throws Exception {
        gateway.post(MODEL + ":generateContent", BODY, "x-goog-api-key", "tm-secret");
        assertThat(gateway.upstream.last().headers().getAll("x-goog-api-key")).containsExactly("AIza-configured");
        assertThat(gateway.event().getTenant()).isEqualTo("acme");
    }

    @Test
    void theTierThatServedIsInAHeader() throws Exception {
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "application/json; charset=UTF-8")
                .putHeader("x-gemini-service-tier", "flex")
                .end(Upstream.fixture("gemini-generate.json")));
        gateway.post(MODEL + ":generateContent", "{\"service_tier\":\"priority\"}");
        assertThat(gateway.event().getServiceTier()).isEqualTo("flex");
    }

    @Test
    void aRefusalIsInGooglesWords() throws Exception {
        HttpResponse<String> response = gateway.post(MODEL + ":generateContent", BODY, "x-goog-api-key", "tm-unknown");
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.body()).contains("\"code\":401").contains("\"status\":\"UNAUTHENTICATED\"");
        assertThat(gateway.upstream.seen).isEmpty();
    }
}
