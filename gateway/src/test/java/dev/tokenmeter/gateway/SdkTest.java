package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.MessageCreateParams;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.responses.ResponseCreateParams;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The official SDKs notice nothing. */
class SdkTest {
    private static final ChatCompletionCreateParams CHAT = ChatCompletionCreateParams.builder()
            .model("gpt-4o")
            .addUserMessage("Hello")
            .build();
    private static final MessageCreateParams MESSAGE = MessageCreateParams.builder()
            .model("claude-sonnet-4-5")
            .maxTokens(10)
            .addUserMessage("Hello")
            .build();

    private TestGateway gateway;

    @BeforeEach
    void start(@TempDir Path dir) throws Exception {
        gateway = new TestGateway(dir);
        gateway.key("tm-secret", "acme", Map.of(), true, null);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private OpenAIClient openAi(String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(gateway.url("/openai/v1"))
                .apiKey(key)
                .build();
    }

    private AnthropicClient anthropic() {
        return AnthropicOkHttpClient.builder()
                .baseUrl(gateway.url("/anthropic"))
                .apiKey("tm-secret")
                .build();
    }

    @Test
    void openAiChat() {
        gateway.upstream.answerJson("openai-chat.json");
        assertThat(openAi("tm-secret")
                        .chat()
                        .completions()
                        .create(CHAT)
                        .usage()
                        .orElseThrow()
                        .promptTokens())
                .isEqualTo(2006);
        assertThat(gateway.event().getTenant()).isEqualTo("acme");
        assertThat(gateway.event().getCacheReadInputTokens()).isEqualTo(1920);
    }

    @Test
    void openAiChatStreamedShowsNoUsageThatWasNotAskedFor() {
        gateway.upstream.answerStream("openai-chat-stream.sse");
        try (var stream = openAi("tm-secret").chat().completions().createStreaming(CHAT)) {
            assertThat(stream.stream().toList())
                    .hasSize(4)
                    .allSatisfy(chunk -> assertThat(chunk.choices()).isNotEmpty());
        }
        assertThat(gateway.event().getReasoningOutputTokens()).isEqualTo(192);
    }

    @Test
    void openAiResponsesStreamed() {
        gateway.upstream.answerStream("openai-responses-stream.sse");
        ResponseCreateParams params =
                ResponseCreateParams.builder().model("gpt-5").input("Hello").build();
        try (var stream = openAi("tm-secret").responses().createStreaming(params)) {
            assertThat(stream.stream().count()).isEqualTo(3);
        }
        assertThat(gateway.event().getServiceTier()).isEqualTo("flex");
        assertThat(gateway.event().getReasoningOutputTokens()).isEqualTo(32);
    }

    @Test
    void openAiReportsARefusedKeyAtOnce() {
        assertThatThrownBy(() -> openAi("tm-unknown").chat().completions().create(CHAT))
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageContaining("not known to the gateway");
        assertThat(gateway.meters
                        .get("tokenmeter.gateway.refused.requests")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void anthropicMessages() {
        gateway.upstream.answerJson("anthropic-message.json");
        assertThat(anthropic().messages().create(MESSAGE).usage().inputTokens()).isEqualTo(2095);
        assertThat(gateway.event().getCacheWrite1hInputTokens()).isEqualTo(100);
        assertThat(gateway.upstream.last().headers().get("x-api-key")).isEqualTo("sk-ant-configured");
    }

    @Test
    void anthropicMessagesStreamed() {
        gateway.upstream.answerStream("anthropic-stream.sse");
        try (var stream = anthropic().messages().createStreaming(MESSAGE)) {
            assertThat(stream.stream().count()).isPositive();
        }
        assertThat(gateway.event().getTextOutputTokens()).isEqualTo(503);
        assertThat(gateway.event().getOperation()).isEqualTo("messages");
    }
}
