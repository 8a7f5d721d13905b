package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller's own words on a call become, and how many and how long they may be. */
class AttributionTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String BODY = "{\"model\":\"gpt-4o\"}";
    private static final String TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @TempDir
    private Path dir;

    private TestGateway gateway;

    private void start(String... settings) throws Exception {
        gateway = new TestGateway(dir, settings);
        gateway.upstream.answerJson("openai-chat.json");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void aTraceIsRecordedAndItsHeadersTravelOnAsTheyCame() throws Exception {
        start();
        gateway.post(CHAT, BODY, "traceparent", TRACEPARENT, "tracestate", "vendor=1", "baggage", "a=b");
        assertThat(gateway.event().getTraceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(gateway.upstream.last().headers().get("traceparent")).isEqualTo(TRACEPARENT);
        assertThat(gateway.upstream.last().headers().get("tracestate")).isEqualTo("vendor=1");
        assertThat(gateway.upstream.last().headers().get("baggage")).isEqualTo("a=b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "nonsense"
            })
    void aTraceparentThatIsNoneIsIgnoredAsTheStandardSays(String value) throws Exception {
        start();
        assertThat(gateway.post(CHAT, BODY, "traceparent", value).statusCode()).isEqualTo(200);
        assertThat(gateway.event().getTraceId()).isNull();
    }

    @Test
    void singleHeadersAndTheJsonHeaderMeetAndTheSingleOneWins() throws Exception {
        start();
        gateway.post(
                CHAT,
                BODY,
                "X-Tokenmeter-Tags",
                "{\"Team\":\"growth\",\"feature\":\"json\"}",
                "X-Tokenmeter-Tag-Feature",
                "chatbot",
                "x-tokenmeter-tag-cost.center",
                "a, b");
        assertThat(gateway.event().getTags())
                .isEqualTo(Map.of("team", "growth", "feature", "chatbot", "cost.center", "a, b"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"team\":\"growth\",} | column 18",
                "{\"team\":growth} | column 9",
                "{\"team\":\"growth\" | bad JSON at column",
                "{\"team\":1} | tag 'team'",
                "{\"team\":{\"a\":\"b\"}} | tag 'team'",
                "[\"team\"] | no object",
                "{\"te am\":\"a\"} | a tag's name",
                "{\"team\":\"\"} | tag 'team'",
            })
    void badTagsGetA400ThatSaysWhere(String json, String where) throws Exception {
        start();
        HttpResponse<String> response = gateway.post(CHAT, BODY, "X-Tokenmeter-Tags", json);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("x-should-retry")).hasValue("false");
        assertThat(response.body()).contains("header X-Tokenmeter-Tags", where, "allowed:");
        assertThat(gateway.upstream.seen).isEmpty();
    }

    @Test
    void asManyTagsAndAsLongAsTheLimitsPassAndOneMoreDoesNot() throws Exception {
        start();
        assertThat(tagged(16, 64, 256).statusCode()).isEqualTo(200);
        assertThat(gateway.event().getTags()).hasSize(16);
        assertThat(tagged(17, 64, 256).body()).contains("one too many", "at most 16");
        assertThat(tagged(1, 65, 256).body()).contains("1 to 64");
        assertThat(tagged(1, 64, 257).body()).contains("257 characters", "1 to 256");
    }

    private HttpResponse<String> tagged(int count, int nameLength, int valueLength) throws Exception {
        String json = IntStream.range(0, count)
                .mapToObj(i -> "\"" + "n".repeat(nameLength - 2) + (10 + i) + "\":\"" + "v".repeat(valueLength) + "\"")
                .collect(Collectors.joining(",", "{", "}"));
        return gateway.post(CHAT, BODY, "X-Tokenmeter-Tags", json);
    }

    @Test
    void whatIsDroppedBySettingIsCountedAndTheRestCounts() throws Exception {
        start("gateway.tags.when-invalid", "drop", "gateway.tags.max-count", "2");
        gateway.post(CHAT, BODY, "X-Tokenmeter-Tags", "{\"a\":\"1\",\"b\":\"\",\"c\":\"3\",\"d\":\"4\"}");
        assertThat(new TreeMap<>(gateway.event().getTags())).isEqualTo(new TreeMap<>(Map.of("a", "1", "c", "3")));
        assertThat(gateway.meters
                        .get("tokenmeter.gateway.dropped.tags")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    @Test
    void noneOfOurHeadersTravelsUpstreamAlsoWithACallersOwnKey() throws Exception {
        start();
        gateway.post(
                CHAT,
                BODY,
                "Authorization",
                "Bearer sk-mine",
                "X-Tokenmeter-Tags",
                "{\"a\":\"b\"}",
                "X-Tokenmeter-Tag-Team",
                "growth",
                "X-Tokenmeter-End-User",
                "ann",
                "X-Tokenmeter-Anything",
                "x");
        assertThat(gateway.upstream.last().headers().names())
                .noneMatch(name -> name.toLowerCase().startsWith("x-tokenmeter"));
    }

    @Test
    void anEndUserIsHashedUnlessSetOtherwise() throws Exception {
        start();
        gateway.post(CHAT, BODY, "X-Tokenmeter-End-User", "ann@example.com");
        assertThat(gateway.event().getEndUser())
                .isEqualTo(TestGateway.sha256("ann@example.com").substring(0, 16));
    }

    @Test
    void aVirtualKeyInAnyHeaderCountsAndNoOtherSecretGoesOut() throws Exception {
        start();
        gateway.key("tm-secret", "acme", Map.of(), true, null);
        gateway.post(
                CHAT, BODY, "Authorization", "Bearer sk-mine", "x-goog-api-key", "tm-secret", "api-key", "another");
        assertThat(gateway.event().getTenant()).isEqualTo("acme");
        assertThat(gateway.upstream.last().headers().getAll("authorization")).containsExactly("Bearer sk-configured");
        assertThat(gateway.upstream.last().headers().contains("x-goog-api-key")).isFalse();
        assertThat(gateway.upstream.last().headers().contains("api-key")).isFalse();
    }
}
