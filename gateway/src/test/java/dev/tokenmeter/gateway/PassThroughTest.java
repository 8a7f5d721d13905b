package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.schemas.UsageEvent;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers with a provider's key of their own: each has an id, and nobody makes up ids without end. */
class PassThroughTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String BODY = "{\"model\":\"gpt-4o\"}";

    @TempDir
    private Path dir;

    private TestGateway gateway;

    @AfterEach
    void stop() {
        gateway.close();
    }

    private List<String> ids(int count) {
        await().until(() -> gateway.sink.events().size() == count);
        return gateway.sink.events().stream().map(UsageEvent::getApiKeyId).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 429, 500})
    void secretsThatNoProviderServesShareOneId(int status) throws Exception {
        gateway = new TestGateway(dir);
        gateway.upstream.answer(
                request -> request.response().setStatusCode(status).end("{}"));
        for (int i = 0; i < 5; i++) {
            gateway.post(CHAT, BODY, "Authorization", "Bearer sk-made-up-" + i);
        }
        assertThat(ids(5)).containsOnly("pt_unverified");
    }

    @Test
    void aKeyThatWasServedOnceKeepsItsIdWhenItFails() throws Exception {
        gateway = new TestGateway(dir);
        gateway.upstream.answerJson("openai-chat.json");
        gateway.post(CHAT, BODY, "Authorization", "Bearer sk-mine");
        gateway.upstream.answer(request -> request.response().setStatusCode(500).end("{}"));
        gateway.post(CHAT, BODY, "Authorization", "Bearer sk-mine");
        String id = "pt_" + TestGateway.sha256("sk-mine").substring(0, 16);
        assertThat(ids(2)).containsOnly(id);
    }

    @Test
    void beyondTheBoundServedKeysShareAnIdAndTheFirstOnesKeepTheirs() throws Exception {
        gateway = new TestGateway(dir, "gateway.pass-through.max-keys", "2");
        gateway.upstream.answerJson("openai-chat.json");
        for (String key : List.of("sk-1", "sk-2", "sk-3", "sk-4", "sk-2")) {
            gateway.post(CHAT, BODY, "Authorization", "Bearer " + key);
        }
        List<String> ids = ids(5);
        assertThat(ids.get(0)).matches("pt_[0-9a-f]{16}");
        assertThat(ids.subList(2, 4)).containsOnly("pt_other");
        assertThat(ids.get(4)).isEqualTo(ids.get(1)).isNotEqualTo(ids.get(0));
        assertThat(gateway.meters
                        .get("tokenmeter.gateway.pass.through.keys")
                        .gauge()
                        .value())
                .isEqualTo(2);
    }

    /** What anybody may send would become dimensions, in any number. */
    @Test
    void nothingIsRecordedThatAStrangerMakesUp() throws Exception {
        gateway = new TestGateway(dir);
        gateway.upstream.answer(request -> request.response().setStatusCode(401).end("{}"));
        String[] words = {"X-Tokenmeter-Tag-Team", "made-up", "X-Tokenmeter-End-User", "nobody"};
        String body = "{\"model\":\"made-up\",\"user\":\"x\",\"metadata\":{\"feature\":\"made-up\"}}";
        gateway.post(CHAT, body, with(words, "Bearer sk-junk"));
        gateway.post(CHAT, body, words);
        await().until(() -> gateway.sink.events().size() == 2);
        assertThat(gateway.sink.events()).allSatisfy(event -> {
            assertThat(event.getTags()).isEmpty();
            assertThat(event.getEndUser()).isNull();
            assertThat(event.getModel()).isEqualTo("unknown");
            assertThat(event.getRequestedModel()).isNull();
        });
        assertThat(gateway.meters.scrape()).doesNotContain("made-up");

        gateway.upstream.answerJson("openai-chat.json");
        gateway.post(CHAT, body, with(words, "Bearer sk-mine"));
        gateway.upstream.answer(request -> request.response().setStatusCode(500).end("{}"));
        gateway.post(CHAT, body, with(words, "Bearer sk-mine"));
        await().until(() -> gateway.sink.events().size() == 4);
        assertThat(gateway.sink.events().subList(2, 4)).allSatisfy(event -> {
            assertThat(event.getTags()).containsEntry("team", "made-up").containsEntry("feature", "made-up");
            assertThat(event.getEndUser()).isNotNull();
            assertThat(event.getRequestedModel()).isEqualTo("made-up");
        });
    }

    private static String[] with(String[] headers, String authorization) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Authorization");
        all.add(authorization);
        return all.toArray(String[]::new);
    }

    @Test
    void whatIsThereForEverybodyVerifiesNoKey() throws Exception {
        gateway = new TestGateway(dir, "gateway.pass-through.max-keys", "2");
        gateway.upstream.answer(request -> request.response().end("{}"));
        for (int i = 0; i < 5; i++) {
            String key = "Bearer sk-junk-" + i;
            gateway.http.send(
                    gateway.request("/openrouter/v1/models")
                            .header("Authorization", key)
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            gateway.post("/openrouter/v1/somewhere", "{}", "Authorization", key);
        }
        gateway.upstream.answerJson("openai-chat.json");
        gateway.post(CHAT, BODY, "Authorization", "Bearer sk-mine");
        List<String> ids = ids(6);
        assertThat(ids.subList(0, 5)).containsOnly("pt_unverified");
        assertThat(ids.get(5)).matches("pt_[0-9a-f]{16}");
    }
}
