package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.schemas.ApiKey;
import dev.tokenmeter.schemas.Outcome;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a virtual key is bound to holds, whatever a caller tries. */
class KeyPolicyTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String[] BEARER = {"Authorization", "Bearer tm-secret"};

    private TestGateway gateway;

    @BeforeEach
    void start(@TempDir Path dir) throws Exception {
        gateway = new TestGateway(dir);
        gateway.upstream.answerJson("openai-chat.json");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private static ApiKey.Builder acme() throws Exception {
        return TestGateway.key("tm-secret", "acme");
    }

    private void expectBlocked(HttpResponse<String> response, String code, String... words) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(403);
        assertThat(response.headers().firstValue("x-should-retry")).hasValue("false");
        assertThat(response.body()).contains(words);
        assertThat(gateway.upstream.seen).isEmpty();
        assertThat(gateway.meters
                        .get("tokenmeter.gateway.refused.requests")
                        .tag("reason", code)
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void anotherProviderIsRefusedInItsOwnWordsNamingTheAllowedOnes() throws Exception {
        gateway.keys.put(
                acme().setAllowedProviders(List.of("openai", "mistral")).build());
        HttpResponse<String> response =
                gateway.post("/anthropic/v1/messages", "{\"model\":\"claude-x\"}", "x-api-key", "tm-secret");
        expectBlocked(
                response, "provider_not_allowed", "\"permission_error\"", "anthropic", "allowed: openai, mistral.");
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.blocked);
        assertThat(gateway.event().getTenant()).isEqualTo("acme");
        assertThat(gateway.post(CHAT, "{\"model\":\"gpt-4o\"}", BEARER).statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "chat, POST, /openai/v1/embeddings, embeddings",
        "embeddings, POST, /openai/v1/chat/completions, chat",
        "chat, GET, /openai/v1/models, unbilled",
        "chat, POST, /openai/v1/files, unbilled",
    })
    void anotherOperationIsRefusedNamingTheAllowedOnes(String allowed, String method, String path, String asked)
            throws Exception {
        gateway.keys.put(acme().setAllowedOperations(List.of(allowed)).build());
        HttpRequest request = gateway.request(path)
                .headers(BEARER)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> response = gateway.http.send(request, HttpResponse.BodyHandlers.ofString());
        expectBlocked(response, "operation_not_allowed", "operation " + asked, "allowed: " + allowed + ".");
    }

    @Test
    void whatBillsNothingIsAllowedByName() throws Exception {
        gateway.keys.put(acme().setAllowedOperations(List.of("unbilled")).build());
        HttpRequest request =
                gateway.request("/openai/v1/models").headers(BEARER).build();
        assertThat(gateway.http
                        .send(request, HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /openai/v1/files, files",
        "GET, /openai/v1/files/file-1, files",
        "DELETE, /openai/v1/files/file-1, files",
        "GET, /openai/v1/files/file-1/content, files",
        "GET, /openai/v1/file%73, files",
        "GET, /openai/v1/responses/resp_1, stored",
        "DELETE, /openai/v1/responses/resp_1, stored",
        "GET, /openai/v1/responses/resp_1/input_items, stored",
        "GET, /openai/v1/chat/completions, stored",
        "GET, /openai/v1/batches, stored",
        "POST, /openai/v1/batches/batch_1/cancel, stored",
        "GET, /openai/v1/organization/projects, stored",
        "DELETE, /openai/v1/models/ft:gpt-4o, stored",
        "POST, /openai/v1/vector_stores/vs_1/search, stored",
        "GET, /azure/openai/files/file-1/content, files",
        "GET, /azure/openai/v1/responses/resp_1, stored",
        "GET, /anthropic/v1/files, files",
        "GET, /anthropic/v1/messages/batches, stored",
        "GET, /anthropic/v1/messages/batches/b_1/results, stored",
        "GET, /gemini/v1beta/files, files",
        "GET, /gemini/download/v1beta/files/f:download, files",
        "GET, /gemini/v1beta/cachedContents, stored",
        "DELETE, /gemini/v1beta/batches/b, stored",
        "GET, /cohere/v1/datasets, stored",
        "GET, /nowhere/v1/whatever, stored"
    })
    void whatAllWhoUseAProvidersKeyShareTakesAWordOfItsOwn(
            String method, String path, String operation, @TempDir Path dir) throws Exception {
        gateway.close();
        gateway = new TestGateway(
                dir,
                "providers.azure.base-url",
                "http://{upstream}",
                "providers.azure.api-key",
                "a",
                "providers.cohere.base-url",
                "http://{upstream}",
                "providers.cohere.api-key",
                "c",
                "providers.nowhere.base-url",
                "http://{upstream}",
                "providers.nowhere.api-key",
                "n");
        HttpRequest request = gateway.request(path)
                .headers(BEARER)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        for (List<String> allowed : List.of(List.<String>of(), List.of("*"), List.of("unbilled", "chat", "other"))) {
            gateway.keys.put(acme().setAllowedOperations(allowed).build());
            HttpResponse<String> refused = gateway.http.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
            assertThat(refused.headers().firstValue("x-should-retry")).hasValue("false");
            assertThat(refused.body()).contains("add '" + operation + "' to the key's allowed_operations");
        }
        assertThat(gateway.upstream.seen).isEmpty();
        gateway.keys.put(
                acme().setAllowedOperations(List.of(operation, "other")).build());
        assertThat(gateway.http
                        .send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(200);
        HttpRequest pass = gateway.request(path)
                .header("Authorization", "Bearer sk-mine")
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        assertThat(gateway.http
                        .send(pass, HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /openai/v1/models",
        "GET, /openai/v1/models/gpt-4o",
        "POST, /openai/v1/files",
        "POST, /openai/v1/uploads/upload_1/parts",
        "POST, /openai/v1/batches",
        "POST, /openai/v1/moderations",
        "POST, /openai/v1/responses/input_tokens",
        "POST, /openai/v1/fine_tuning/jobs",
        "POST, /anthropic/v1/messages/count_tokens",
        "POST, /anthropic/v1/messages/batches",
        "GET, /anthropic/v1/models",
        "POST, /gemini/v1beta/models/gemini-2.5-pro:countTokens",
        "POST, /gemini/v1beta/models/gemini-2.5-pro:batchGenerateContent",
        "POST, /gemini/upload/v1beta/files",
        "GET, /gemini/v1beta/models"
    })
    void whatIsNobodysIsOpenToEveryKey(String method, String path) throws Exception {
        gateway.keys.put(acme().build());
        HttpRequest request = gateway.request(path)
                .headers(BEARER)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        assertThat(gateway.http
                        .send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-4o-mini", "claude-sonnet-4-5", "claude-", "a.b+c"})
    void anAllowedModelPassesAndItsRequestGoesOnAsItCame(String model) throws Exception {
        gateway.keys.put(acme().setAllowedModels(List.of("gpt-4o-mini", "claude-*", "a.b+c"))
                .build());
        String body = "{ \"messages\": [{\"model\":\"not this one\"}], \"model\": \"" + model + "\", \"stream\":false}";
        assertThat(gateway.post(CHAT, body, BEARER).statusCode()).isEqualTo(200);
        assertThat(gateway.upstream.last().body()).isEqualTo(body);
        assertThat(gateway.event().getRequestedModel()).isEqualTo(model);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":\"gpt-5\"}",
                "{\"model\":\"gpt-4o-mini-2\"}",
                "{\"model\":\"GPT-4O-MINI\"}",
                "{\"model\":\"axb+c\"}",
                "{\"model\":\"gpt-4o-mini\",\"model\":\"gpt-5\"}",
                "{\"model\":\"gpt-5\",\"model\":\"gpt-4o-mini\"}",
                "{\"model\":\"gpt-4o-mini\",\"Model\":\"gpt-5\"}",
                "{\"model\":\"gpt-4o-mini\",\"mod\\u0065l\":\"gpt-5\"}",
                "{\"model\":\"gpt-4o-mini\",\"models\":[\"gpt-4o-mini\",\"gpt-5\"]}",
                "{\"model\":\"gpt-4o-mini\",\"fallbacks\":[\"gpt-5\"]}",
                "{\"model\":\"gpt-4o-mini\",\"models\":[{\"name\":\"gpt-5\"}]}",
                "{\"model\":\"gpt-4o-mini\",\"models\":\"gpt-5\"}",
                "{\"model\":{\"name\":\"gpt-4o-mini\"}}",
                "{\"model\":7}",
                "{\"model\":null}",
                "{\"messages\":[{\"model\":\"gpt-4o-mini\"}]}",
                "{\"model\":\"gpt-4o-mini\"",
                "[{\"model\":\"gpt-4o-mini\"}]",
                "not json",
                ""
            })
    void anyOtherModelIsRefusedHoweverItIsNamed(String body) throws Exception {
        gateway.keys.put(
                acme().setAllowedModels(List.of("gpt-4o-mini", "a.b+c")).build());
        expectBlocked(
                gateway.post(CHAT, body, BEARER),
                "model_not_allowed",
                "\"code\":\"model_not_allowed\"",
                "allowed: gpt-4o-mini, a.b+c.");
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.blocked);
    }

    @ParameterizedTest
    @CsvSource({"content-type,multipart/form-data; boundary=x", "content-encoding,gzip"})
    void aBodyWhoseModelCannotBeSeenIsRefused(String header, String value) throws Exception {
        gateway.keys.put(acme().setAllowedModels(List.of("whisper-1")).build());
        HttpRequest request = HttpRequest.newBuilder(gateway.request("/openai/v1/audio/transcriptions")
                        .build()
                        .uri())
                .headers(BEARER)
                .header(header, value)
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"whisper-1\"}"))
                .build();
        expectBlocked(
                gateway.http.send(request, HttpResponse.BodyHandlers.ofString()), "model_not_allowed", "cannot see");
    }

    @Test
    void geminisModelIsInThePath() throws Exception {
        gateway.upstream.answerJson("gemini-generate.json");
        gateway.keys.put(acme().setAllowedModels(List.of("gemini-2.5-flash*")).build());
        String[] key = {"x-goog-api-key", "tm-secret"};
        HttpResponse<String> refused = gateway.post("/gemini/v1beta/models/gemini-2.5-pro:generateContent", "{}", key);
        expectBlocked(refused, "model_not_allowed", "\"PERMISSION_DENIED\"", "gemini-2.5-pro");
        assertThat(gateway.post("/gemini/v1beta/models/gemini-2.5-flash-lite:generateContent", "{}", key)
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openai/v1/batches", "/anthropic/v1/messages/batches"})
    void aBatchHidesItsModelsInAFileAndIsRefused(String path) throws Exception {
        gateway.keys.put(acme().setAllowedModels(List.of("gpt-4o-mini")).build());
        expectBlocked(gateway.post(path, "{}", BEARER), "model_not_allowed", "cannot see");
    }

    @Test
    void theSecretBeforeARotationWorksUntilItsTimeIsOver() throws Exception {
        gateway.keys.put(acme().build());
        gateway.keys.put(TestGateway.key("tm-new", "acme")
                .setPreviousKeyHash(TestGateway.sha256("tm-secret"))
                .setPreviousKeyValidUntil(Instant.now().plusSeconds(60))
                .build());
        assertThat(gateway.post(CHAT, "{}", "Authorization", "Bearer tm-new").statusCode())
                .isEqualTo(200);
        assertThat(gateway.post(CHAT, "{}", BEARER).statusCode()).isEqualTo(200);
        await().until(() -> gateway.sink.events().size() == 2);
        assertThat(gateway.sink.events()).allMatch(event -> event.getApiKeyId().equals("key_acme"));

        gateway.keys.put(TestGateway.key("tm-new", "acme")
                .setPreviousKeyHash(TestGateway.sha256("tm-secret"))
                .setPreviousKeyValidUntil(Instant.now().minusSeconds(1))
                .build());
        assertThat(gateway.post(CHAT, "{}", BEARER).statusCode()).isEqualTo(401);
        assertThat(gateway.post(CHAT, "{}", "Authorization", "Bearer tm-new").statusCode())
                .isEqualTo(200);

        gateway.keys.put(TestGateway.key("tm-newest", "acme").build());
        assertThat(gateway.post(CHAT, "{}", "Authorization", "Bearer tm-new").statusCode())
                .isEqualTo(401);
        gateway.keys.remove("key_acme");
        assertThat(gateway.post(CHAT, "{}", "Authorization", "Bearer tm-newest").statusCode())
                .isEqualTo(401);
        assertThat(gateway.keys.size()).isZero();
    }

    @Test
    void aCallerOverridesOnlyTheTagsThatTheKeyLetsIt() throws Exception {
        gateway.keys.put(acme().setTags(Map.of("team", "core", "feature", "none", "env", "prod", "job", "none"))
                .setOverridableTags(List.of("feature", "env", "job", "absent"))
                .build());
        gateway.post(
                CHAT,
                "{\"model\":\"m\",\"metadata\":{\"team\":\"body\",\"feature\":\"body\",\"env\":\"body\"}}",
                "Authorization",
                "Bearer tm-secret",
                "X-Tokenmeter-Tags",
                "{\"team\":\"header\",\"feature\":\"header\"}");
        assertThat(gateway.event().getTags())
                .isEqualTo(Map.of("team", "core", "feature", "header", "env", "body", "job", "none"));
    }

    @Test
    void aKeyThatNamesAProviderKeyGoesOutWithThat(@TempDir Path other) throws Exception {
        gateway.close();
        gateway = new TestGateway(
                other,
                "providers.openrouter.keys.a.api-key",
                "sk-a",
                "providers.openrouter.keys.growth.api-key",
                "sk-growth");
        gateway.keys.put(acme().setProviderKeys(Map.of("openrouter", "growth")).build());
        for (int i = 0; i < 8; i++) {
            gateway.post("/openrouter/v1/chat/completions", "{}", BEARER);
        }
        assertThat(gateway.upstream.seen)
                .hasSize(8)
                .allMatch(seen -> seen.headers().get("authorization").equals("Bearer sk-growth"));
    }

    @Test
    void aKeyThatNamesAProviderKeyThatIsNotThereIsToldWhichSettingIsMissing() throws Exception {
        gateway.keys.put(acme().setProviderKeys(Map.of("openai", "growth")).build());
        expectBlocked(gateway.post(CHAT, "{}", BEARER), "provider_key_missing", "providers.openai.keys.growth.api-key");
    }
}
