package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.RateLimitException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.tokenmeter.gateway.estimate.InputBound;
import dev.tokenmeter.schemas.ApiKey;
import dev.tokenmeter.schemas.Outcome;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A key's limits a minute, as callers meet them. */
class KeyLimitsTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String[] BEARER = {"Authorization", "Bearer tm-secret"};
    private static final String SHORT = "{\"model\":\"gpt-4o\",\"max_tokens\":1}";

    private TestGateway gateway;

    @BeforeEach
    void start(@TempDir Path dir) throws Exception {
        gateway = new TestGateway(dir);
        gateway.upstream.answerJson("openai-chat.json"); // 2006 tokens in, 300 out
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private static ApiKey.Builder acme() throws Exception {
        return TestGateway.key("tm-secret", "acme");
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse(null);
    }

    @Test
    void requestsBeyondTheLimitAreRefusedWithAWaitAndThoseBeforeSayWhatIsLeft() throws Exception {
        gateway.upstream.answer(request -> request.response()
                .putHeader("x-ratelimit-remaining-requests", "9999")
                .putHeader("x-ratelimit-remaining-tokens", "8888")
                .end("{}"));
        gateway.keys.put(acme().setRequestsPerMinute(2).build());
        HttpResponse<String> first = gateway.post(CHAT, SHORT, BEARER);
        assertThat(first.headers().allValues("x-ratelimit-remaining-requests")).containsExactly("1");
        assertThat(header(first, "x-ratelimit-limit-requests")).isEqualTo("2");
        assertThat(header(first, "x-ratelimit-reset-requests")).matches("30s|29s");
        assertThat(header(first, "x-ratelimit-remaining-tokens")).isEqualTo("8888");
        gateway.post(CHAT, SHORT, BEARER);
        HttpResponse<String> refused = gateway.post(CHAT, SHORT, BEARER);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(Integer.parseInt(header(refused, "retry-after"))).isBetween(1, 30);
        assertThat(header(refused, "x-should-retry")).isNull();
        assertThat(header(refused, "x-ratelimit-remaining-requests")).isEqualTo("0");
        assertThat(refused.body())
                .contains("\"code\":\"rate_limit_exceeded\"")
                .contains("2 requests a minute", "try again in");
        assertThat(gateway.upstream.seen).hasSize(2);
        // Nobody waits for the event of a call that bills nothing.
        await().untilAsserted(() -> assertThat(gateway.sink.events())
                .last()
                .satisfies(event -> assertThat(event.getOutcome()).isEqualTo(Outcome.blocked)));
    }

    @Test
    void callsThatBillNothingCountAsRequestsToo() throws Exception {
        gateway.keys.put(acme().setRequestsPerMinute(1).setTokensPerMinute(1L).build());
        HttpRequest models =
                gateway.request("/openai/v1/models").headers(BEARER).build();
        assertThat(gateway.http
                        .send(models, HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(200);
        assertThat(gateway.http
                        .send(models, HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(429);
    }

    @Test
    void whatACallUsedBeyondItsReservationIsOwed() throws Exception {
        gateway.keys.put(acme().setTokensPerMinute(2000L).build());
        HttpResponse<String> first = gateway.post(CHAT, SHORT, BEARER);
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(header(first, "x-ratelimit-limit-tokens")).isEqualTo("2000");
        assertThat(Integer.parseInt(header(first, "x-ratelimit-remaining-tokens")))
                .isEqualTo(2000 - 1 - (int) InputBound.of(SHORT.getBytes(StandardCharsets.UTF_8)));
        HttpResponse<String> refused = gateway.post(CHAT, SHORT, BEARER);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(Integer.parseInt(header(refused, "retry-after"))).isBetween(1, 13); // 306 owed and a few reserved
        assertThat(refused.body()).contains("2000 tokens a minute");
        assertThat(gateway.upstream.last().body()).isEqualTo(SHORT);
    }

    @Test
    void whatACallMayUseIsReservedAndComesBackWhenItFails() throws Exception {
        gateway.keys.put(acme().setTokensPerMinute(5000L).build());
        String dear = "{\"model\":\"gpt-4o\",\"max_tokens\":4900}";
        gateway.upstream.answer(request -> request.response().setStatusCode(500).end("{}"));
        assertThat(gateway.post(CHAT, dear, BEARER).statusCode()).isEqualTo(500);
        assertThat(gateway.post(CHAT, dear, BEARER).statusCode()).isEqualTo(500);
        gateway.upstream.answer(request -> request.response().end("{}")); // says nothing of its usage
        assertThat(gateway.post(CHAT, dear, BEARER).statusCode()).isEqualTo(200);
        assertThat(gateway.post(CHAT, dear, BEARER).statusCode()).isEqualTo(429);
    }

    @Test
    void anthropicsCallersAreToldInAnthropicsWay() throws Exception {
        gateway.upstream.answerJson("anthropic-message.json");
        gateway.keys.put(acme().setRequestsPerMinute(1).build());
        String[] key = {"x-api-key", "tm-secret"};
        HttpResponse<String> first = gateway.post("/anthropic/v1/messages", SHORT, key);
        assertThat(header(first, "anthropic-ratelimit-requests-limit")).isEqualTo("1");
        assertThat(header(first, "anthropic-ratelimit-requests-remaining")).isEqualTo("0");
        assertThat(header(first, "anthropic-ratelimit-requests-reset"))
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
        assertThat(header(first, "x-ratelimit-limit-requests")).isNull();
        HttpResponse<String> refused = gateway.post("/anthropic/v1/messages", SHORT, key);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("\"type\":\"error\"", "\"rate_limit_error\"");
        assertThat(header(refused, "retry-after")).isNotNull();
    }

    @Test
    void theOfficialSdkTellsARateLimitFromOtherErrors() throws Exception {
        gateway.keys.put(acme().setRequestsPerMinute(1).build());
        gateway.post(CHAT, SHORT, BEARER);
        var client = OpenAIOkHttpClient.builder()
                .baseUrl(gateway.url("/openai/v1"))
                .apiKey("tm-secret")
                .maxRetries(0)
                .build();
        assertThatThrownBy(() -> client.chat()
                        .completions()
                        .create(ChatCompletionCreateParams.builder()
                                .model("gpt-4o")
                                .addUserMessage("Hello")
                                .build()))
                .isInstanceOfSatisfying(
                        RateLimitException.class,
                        limited -> assertThat(limited.headers().values("retry-after"))
                                .hasSize(1));
    }

    @Test
    void callersWithoutLimitsSeeTheProvidersOwn() throws Exception {
        gateway.upstream.answer(request -> request.response()
                .putHeader("x-ratelimit-remaining-requests", "9999")
                .end("{}"));
        gateway.keys.put(acme().build());
        HttpResponse<String> response = gateway.post(CHAT, SHORT, BEARER);
        assertThat(response.headers().allValues("x-ratelimit-remaining-requests"))
                .containsExactly("9999");
        assertThat(header(response, "x-ratelimit-limit-requests")).isNull();
    }
}
