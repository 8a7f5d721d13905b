package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.CacheControlEphemeral;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.TextBlockParam;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An SDK call goes through the gateway; its cost comes out of the API, exact; an alert fires. */
@ExtendWith(StandaloneExtension.class)
class EndToEndTest {
    private static final String FOUR_HUNDRED_CHARACTERS = "word".repeat(100);

    private final RunningStandalone product;

    EndToEndTest(RunningStandalone product) {
        this.product = product;
    }

    @Test
    void callsOfTheOpenAiSdkCostWhatAPersonComputesByHand() {
        OpenAIClient openAi = OpenAIOkHttpClient.builder()
                .baseUrl(product.standalone.gateway() + "/openai/v1")
                .apiKey(product.newKey("openai-tenant"))
                .putHeader("X-Tokenmeter-Tags", "{\"team\":\"growth\",\"feature\":\"chatbot\"}")
                .build();
        ChatCompletionCreateParams params = ChatCompletionCreateParams.builder()
                .model("gpt-4o")
                .addUserMessage(FOUR_HUNDRED_CHARACTERS)
                .maxCompletionTokens(100)
                .build();

        assertThat(openAi.chat().completions().create(params).choices()).hasSize(1);
        try (var stream = openAi.chat().completions().createStreaming(params)) {
            // The gateway asked for usage; the client did not, so it must not see the chunk that carries it.
            assertThat(stream.stream().toList()).isNotEmpty().allSatisfy(chunk -> {
                assertThat(chunk.choices()).isNotEmpty();
                assertThat(chunk.usage()).isEmpty();
            });
        }

        // 2 calls of 100 input tokens at 2.50 USD and 100 output tokens at 10 USD per million: 2 * (0.00025 + 0.001).
        JsonObject row = awaitRow("tenant=openai-tenant&group_by=model,tag.team,tag.feature", 2);
        assertThat(row.getString("cost_usd")).isEqualTo("0.0025");
        assertThat(row.getString("model")).isEqualTo("gpt-4o");
        assertThat(row.getString("tag.team")).isEqualTo("growth");
        assertThat(row.getString("tag.feature")).isEqualTo("chatbot");
        assertThat(row.getLong("input_tokens")).isEqualTo(200);
        assertThat(row.getLong("output_tokens")).isEqualTo(200);
    }

    @Test
    void callsOfTheAnthropicSdkPayTheCacheRateForWhatTheCacheHeld() {
        AnthropicClient anthropic = AnthropicOkHttpClient.builder()
                .baseUrl(product.standalone.gateway() + "/anthropic")
                .apiKey(product.newKey("anthropic-tenant"))
                .build();
        MessageCreateParams params = MessageCreateParams.builder()
                .model("claude-sonnet-4-5")
                .maxTokens(50)
                .systemOfTextBlockParams(List.of(TextBlockParam.builder()
                        .text("word".repeat(1_000))
                        .cacheControl(CacheControlEphemeral.builder().build())
                        .build()))
                .addUserMessage(FOUR_HUNDRED_CHARACTERS)
                .build();

        anthropic.messages().create(params);
        try (var stream = anthropic.messages().createStreaming(params)) {
            assertThat(stream.stream().count()).isPositive();
        }

        // 2 * (100 input at 3 + 1000 cached at 0.30 + 50 output at 15 USD per million) = 2 * 0.00135.
        JsonObject row = awaitRow("tenant=anthropic-tenant&group_by=provider", 2);
        assertThat(row.getString("cost_usd")).isEqualTo("0.0027");
        assertThat(row.getLong("input_tokens")).isEqualTo(2_200);
    }

    @Test
    void aModelWithoutAPriceIsCountedButNeverCostsZero() {
        OpenAIClient openAi = OpenAIOkHttpClient.builder()
                .baseUrl(product.standalone.gateway() + "/openai/v1")
                .apiKey(product.newKey("unpriced-tenant"))
                .build();
        openAi.chat()
                .completions()
                .create(ChatCompletionCreateParams.builder()
                        .model("model-of-tomorrow")
                        .addUserMessage(FOUR_HUNDRED_CHARACTERS)
                        .maxCompletionTokens(10)
                        .build());
        JsonObject row = awaitRow(
                "tenant=unpriced-tenant&group_by=model", 1, "cost_usd,requests,unpriced_requests,unpriced_tokens");
        assertThat(row.getLong("unpriced_requests")).isEqualTo(1);
        assertThat(row.getLong("unpriced_tokens")).isEqualTo(110);
        UsageEvent event = product.<UsageEvent>read(Topics.USAGE).stream()
                .filter(e -> e.getTenant().equals("unpriced-tenant"))
                .findFirst()
                .orElseThrow();
        assertThat(event.getCostUsd()).isNull();
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.provider);
    }

    @Test
    void spendBeyondEightyPercentOfABudgetReachesTheAlertTopicOnce() {
        product.put(
                "/api/v1/budgets/small",
                new JsonObject()
                        .put("tenant", "budget-tenant")
                        .put("name", "Small")
                        .put("amount_usd", "0.0015")
                        .put("period", "month"));
        OpenAIClient openAi = OpenAIOkHttpClient.builder()
                .baseUrl(product.standalone.gateway() + "/openai/v1")
                .apiKey(product.newKey("budget-tenant"))
                .build();
        for (int call = 0; call < 3; call++) {
            openAi.chat()
                    .completions()
                    .create(ChatCompletionCreateParams.builder()
                            .model("gpt-4o")
                            .addUserMessage(FOUR_HUNDRED_CHARACTERS)
                            .maxCompletionTokens(100)
                            .build());
        }
        await("an alert", () -> !alerts("budget-tenant").isEmpty());
        await(
                "the budget view",
                () -> product.data("/api/v1/views/budget-utilization?tenant=budget-tenant")
                        .getJsonObject(0)
                        .getString("spent_usd")
                        .equals("0.00375"));
        assertThat(alerts("budget-tenant")).singleElement().satisfies(alert -> {
            assertThat(alert.getKind()).isEqualTo("budget_threshold");
            assertThat(alert.getLabels()).containsEntry("budget_id", "small");
            assertThat(alert.getSummary()).contains("budget-tenant").contains("Small");
        });
        await(
                "the alert in ClickHouse",
                () -> product.data("/api/v1/alerts?tenant=budget-tenant").size() == 1);
    }

    private List<Alert> alerts(String tenant) {
        return product.<Alert>read(Topics.ALERTS).stream()
                .filter(alert -> alert.getTenant().equals(tenant))
                .toList();
    }

    private JsonObject awaitRow(String query, int requests) {
        return awaitRow(query, requests, "cost_usd,requests,input_tokens,output_tokens");
    }

    private JsonObject awaitRow(String query, int requests, String metrics) {
        String path = "/api/v1/usage?" + query + "&metrics=" + metrics + "&from="
                + Instant.now().minusSeconds(7200);
        await(requests + " requests in " + path, () -> {
            JsonArray rows = product.data(path);
            return rows.size() == 1 && rows.getJsonObject(0).getLong("requests") == requests;
        });
        return product.data(path).getJsonObject(0);
    }
}
