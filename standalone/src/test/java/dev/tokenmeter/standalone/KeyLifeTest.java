package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is done to a key through the control plane holds at the gateway moments later. */
@ExtendWith(StandaloneExtension.class)
class KeyLifeTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final RunningStandalone product;

    KeyLifeTest(RunningStandalone product) {
        this.product = product;
    }

    private HttpResponse<String> chat(String secret) throws Exception {
        String body =
                "{\"model\":\"gpt-4o\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(product.standalone.gateway() + "/openai/v1/chat/completions"))
                .header("content-type", "application/json")
                .header("authorization", "Bearer " + secret)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private void awaitStatus(String what, String secret, int status) {
        await(what, () -> chat(secret).statusCode() == status);
    }

    @Test
    void aKeyIsBoundRotatedLimitedAndDisabled() throws Exception {
        String first = product.newKey("key-life");
        String path = "/api/v1/keys/"
                + product.data("/api/v1/keys?tenant=key-life").getJsonObject(0).getString("api_key_id");
        awaitStatus("a new key works", first, 200);

        product.send("PATCH", path, JsonObject.of("allowed_models", JsonArray.of("claude-*")));
        awaitStatus("the models hold", first, 403);
        assertThat(chat(first).body()).contains("model_not_allowed", "claude-*");
        product.send("PATCH", path, new JsonObject("{\"allowed_models\":null}"));
        awaitStatus("the models are free again", first, 200);

        String second = product.send("POST", path + "/rotate", JsonObject.of("grace_seconds", 600))
                .getJsonObject("data")
                .getString("secret");
        awaitStatus("the new secret works", second, 200);
        assertThat(chat(first).statusCode()).isEqualTo(200);
        String third = product.send("POST", path + "/rotate", JsonObject.of("grace_seconds", 0))
                .getJsonObject("data")
                .getString("secret");
        awaitStatus("the newest secret works", third, 200);
        assertThat(chat(first).statusCode()).isEqualTo(401);
        assertThat(chat(second).statusCode()).isEqualTo(401);

        product.send("PATCH", path, JsonObject.of("requests_per_minute", 1));
        awaitStatus("the limit holds", third, 429);
        product.send("PATCH", path, new JsonObject("{\"requests_per_minute\":null}"));
        awaitStatus("the limit is gone", third, 200);

        product.send("PATCH", path, JsonObject.of("expires_at", "2020-01-01T00:00:00Z"));
        awaitStatus("it has expired", third, 401);
        product.send("PATCH", path, new JsonObject("{\"expires_at\":null}"));
        awaitStatus("it has not expired any more", third, 200);
        product.send("DELETE", path, null);
        awaitStatus("it is disabled", third, 401);
        assertThat(chat(third).body()).contains("key_disabled");
    }
}
