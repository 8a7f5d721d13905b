package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.SettingException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What users of other gateways send already keeps its meaning here. */
class MigrationTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String BODY = "{\"model\":\"gpt-4o\"}";

    @TempDir
    private Path dir;

    private TestGateway gateway;

    private void start(String... settings) throws Exception {
        String[] all = new String[settings.length + 2];
        all[0] = "gateway.hash-end-users";
        all[1] = "false";
        System.arraycopy(settings, 0, all, 2, settings.length);
        gateway = new TestGateway(dir, all);
        gateway.upstream.answerJson("openai-chat.json");
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    private double dropped() {
        return gateway.meters.get("tokenmeter.gateway.dropped.tags").counter().count();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x-litellm-tags | prod, team:growth,url:http://x , AWS_IAM | "
                        + "{litellm.aws_iam=true, litellm.prod=true, team=growth, url=http://x}",
                "x-litellm-spend-logs-metadata | {\"Job ID\":\"j 1\",\"n\":7,\"ok\":true,\"no\":null} | {job_id=j 1, n=7, ok=true}",
                "Helicone-Property-Feature | chat bot | {feature=chat bot}",
                "Helicone-Session-Id | s-1 | {session_id=s-1}",
                "x-portkey-metadata | {\"_environment\":\"production\",\"_user\":\"ann\",\"Team\":\"a\"} | {environment=production, team=a}",
                "x-bf-dim-Region | eu | {region=eu}",
                "HTTP-Referer | https://app.example/chat?token=1 | {app_url=https://app.example/chat}",
                "X-Title | My App | {app_title=My App}",
            })
    void theirTagsBecomeOursAndTheirHeadersDoNotTravel(String header, String value, String tags) throws Exception {
        start();
        gateway.post(CHAT, BODY, header, value, "OpenAI-Organization", "org");
        assertThat(new java.util.TreeMap<>(gateway.event().getTags()).toString())
                .isEqualTo(tags);
        assertThat(gateway.upstream.last().headers().contains(header)).isFalse();
        assertThat(gateway.upstream.last().headers().get("openai-organization")).isEqualTo("org");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x-litellm-end-user-id | ann",
                "Helicone-User-Id | ann",
                "x-portkey-metadata | {\"_user\":\"ann\"}",
                "x-tokenmeter-end-user | ann",
            })
    void theirEndUserIsOurs(String header, String value) throws Exception {
        start();
        gateway.post(CHAT, "{\"user\":\"from the body\"}", header, value);
        assertThat(gateway.event().getEndUser()).isEqualTo("ann");
        assertThat(gateway.event().getTags()).isEmpty();
    }

    @Test
    void theirSecretsGoToNobody() throws Exception {
        start();
        gateway.post(
                CHAT,
                BODY,
                "Helicone-Auth",
                "Bearer sk-helicone",
                "x-portkey-api-key",
                "pk",
                "x-litellm-api-key",
                "ll",
                "x-bf-vk",
                "bf");
        assertThat(gateway.event().getTags()).isEmpty();
        assertThat(gateway.upstream.last().headers().names())
                .noneMatch(name -> name.toLowerCase().matches("(helicone|x-portkey|x-litellm|x-bf)-.*"));
    }

    @Test
    void portkeysTraceIdStandsInWhereThereIsNoTraceparent() throws Exception {
        start();
        gateway.post(CHAT, BODY, "x-portkey-trace-id", "my-trace");
        assertThat(gateway.event().getTraceId()).isEqualTo("my-trace");
    }

    @Test
    void aTraceparentWinsOverPortkeysTraceId() throws Exception {
        start();
        String traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        gateway.post(CHAT, BODY, "x-portkey-trace-id", "my-trace", "traceparent", traceparent);
        assertThat(gateway.event().getTraceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
    }

    @Test
    void theKeyWinsOverOurHeadersTheyOverTheirsAndTheirsOverTheBody() throws Exception {
        start();
        gateway.key("tm-secret", "acme", Map.of("a", "key"), true, null);
        gateway.post(
                CHAT,
                "{\"metadata\":{\"a\":\"body\",\"b\":\"body\",\"c\":\"body\",\"d\":\"body\"},\"user\":\"body\"}",
                "Helicone-Property-a",
                "theirs",
                "Helicone-Property-b",
                "theirs",
                "Helicone-Property-c",
                "theirs",
                "Helicone-User-Id",
                "theirs",
                "X-Tokenmeter-Tags",
                "{\"a\":\"ours\",\"b\":\"ours\"}",
                "X-Tokenmeter-End-User",
                "ours",
                "Authorization",
                "Bearer tm-secret");
        assertThat(gateway.event().getTags()).isEqualTo(Map.of("a", "key", "b", "ours", "c", "theirs", "d", "body"));
        assertThat(gateway.event().getEndUser()).isEqualTo("ours");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model\":\"m\",\"user\":\"ann\",\"metadata\":{\"Team\":\"growth\",\"n\":1,\"x\":{\"y\":\"z\"}}} | ann | {team=growth}",
                "{\"model\":\"m\",\"user\":\"old\",\"safety_identifier\":\"ann\"} | ann | {}",
                "{\"messages\":[{\"user\":\"no\",\"metadata\":{\"no\":\"no\"}}],\"metadata\":null,\"user\":7} | | {}",
            })
    void openAisMetadataAndUserAreRead(String body, String endUser, String tags) throws Exception {
        start();
        gateway.post(CHAT, body);
        assertThat(gateway.upstream.last().body()).isEqualTo(body);
        assertThat(gateway.event().getTags()).hasToString(tags);
        assertThat(gateway.event().getEndUser()).isEqualTo(endUser);
    }

    /** The official SDK writes it so, and streams through; the escapes would break a cut at the wrong byte. */
    @Test
    void anthropicsUserIdIsReadBehindALongPromptThatStreamsThrough() throws Exception {
        start();
        gateway.upstream.answerJson("anthropic-message.json");
        String prompt = "\\\\\\\"ä€\\u20ac\\n".repeat(200_000);
        String body = "{\"max_tokens\":9,\"messages\":[{\"content\":\"" + prompt
                + "\"}],\"model\":\"claude-x\",\"metadata\":{\"user_id\":\"ann\"}}";
        gateway.post("/anthropic/v1/messages", body);
        assertThat(gateway.upstream.last().body()).isEqualTo(body);
        assertThat(gateway.event().getEndUser()).isEqualTo("ann");
        assertThat(gateway.event().getRequestedModel()).isEqualTo("claude-x");
    }

    @Test
    void aBodyBeyondTheLimitStreamsThroughWithWhatItsBeginningSaid() throws Exception {
        start("gateway.max-request-body-bytes", "2000");
        gateway.upstream.answerJson("anthropic-message.json");
        String body = "{\"model\":\"claude-x\",\"a\":[" + "1,".repeat(3000) + "1],\"metadata\":{\"user_id\":\"ann\"}}";
        assertThat(gateway.post("/anthropic/v1/messages", body).statusCode()).isEqualTo(200);
        assertThat(gateway.upstream.last().body()).isEqualTo(body);
        assertThat(gateway.event().getRequestedModel()).isEqualTo("claude-x");
        assertThat(gateway.event().getEndUser()).isNull();
    }

    @Test
    void whatDoesNotFitInABodyIsLeftOutAndCountedAndNeverRefused() throws Exception {
        start("gateway.tags.max-count", "2", "gateway.tags.max-value-length", "10");
        HttpResponse<String> response = gateway.post(
                CHAT,
                "{\"metadata\":{\"a\":\"longer than ten\",\"b\":\"1\",\"c\":\"2\"}}",
                "X-Tokenmeter-Tag-Own",
                "x");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(gateway.event().getTags()).isEqualTo(Map.of("own", "x", "b", "1"));
        assertThat(dropped()).isEqualTo(2);
    }

    @Test
    void absurdMetadataCostsNothingButItself() throws Exception {
        start();
        StringBuilder metadata = new StringBuilder("\"n\":\"0\"");
        for (int i = 1; i < 5000; i++) {
            metadata.append(",\"n").append(i).append("\":\"").append(i).append('"');
        }
        gateway.post(CHAT, "{\"model\":\"gpt-4o\",\"metadata\":{" + metadata + "}}");
        assertThat(gateway.event().getTags()).hasSize(16);
        assertThat(gateway.event().getRequestedModel()).isEqualTo("gpt-4o");
    }

    @Test
    void openRouterIsToldTheAppAndNobodyElse() throws Exception {
        start();
        gateway.post(
                "/openrouter/v1/chat/completions",
                BODY,
                "HTTP-Referer",
                "https://app.example/?a=1",
                "X-Title",
                "My App",
                "Helicone-User-Id",
                "ann");
        assertThat(gateway.upstream.last().headers().get("http-referer")).isEqualTo("https://app.example/?a=1");
        assertThat(gateway.upstream.last().headers().get("x-title")).isEqualTo("My App");
        assertThat(gateway.upstream.last().headers().contains("helicone-user-id"))
                .isFalse();
        assertThat(gateway.event().getTags()).containsEntry("app_title", "My App");
    }

    @Test
    void aVendorThatIsTurnedOffIsNotReadAndItsHeadersTravel() throws Exception {
        start("gateway.attribution.vendors", "litellm");
        gateway.post(
                CHAT,
                "{\"model\":\"m\",\"user\":\"ann\",\"metadata\":{\"a\":\"b\"}}",
                "x-litellm-tags",
                "a:b",
                "x-portkey-metadata",
                "{\"c\":\"d\"}");
        assertThat(gateway.event().getTags()).isEqualTo(Map.of("a", "b"));
        assertThat(gateway.event().getEndUser()).isNull();
        assertThat(gateway.event().getRequestedModel()).isEqualTo("m");
        assertThat(gateway.upstream.last().headers().get("x-portkey-metadata")).isEqualTo("{\"c\":\"d\"}");
    }

    @Test
    void allVendorsCanBeTurnedOff() throws Exception {
        start("gateway.attribution.vendors", "none");
        gateway.post(CHAT, BODY, "Helicone-User-Id", "ann", "X-Title", "t", "X-Tokenmeter-Tag-Team", "growth");
        assertThat(gateway.event().getTags()).isEqualTo(Map.of("team", "growth"));
        assertThat(gateway.upstream.last().headers().get("x-title")).isEqualTo("t");
    }

    @Test
    void anUnknownVendorStopsTheStart() {
        assertThatThrownBy(() -> start("gateway.attribution.vendors", "litellm,langsmith"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("gateway.attribution.vendors")
                .hasMessageContaining("langsmith")
                .hasMessageContaining("helicone");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x-portkey-metadata | {bad",
                "x-litellm-spend-logs-metadata | {\"a\":{\"b\":\"c\"}}",
                "Helicone-Property-Long | longer than ten",
                "x-bf-dim-_ | x",
                "X-Tokenmeter-Tags | {bad",
            })
    void whatCannotBeATagIsRefusedOrDroppedAndCountedAsSet(String header, String value) throws Exception {
        start("gateway.tags.max-value-length", "10");
        HttpResponse<String> refused = gateway.post(CHAT, BODY, header, value);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains(header).contains("allowed:");
        gateway.close();

        start("gateway.tags.max-value-length", "10", "gateway.tags.when-invalid", "drop");
        gateway.post(CHAT, BODY, header, value, "X-Tokenmeter-Tag-Ok", "yes");
        UsageEvent event = gateway.event();
        assertThat(event.getTags()).isEqualTo(Map.of("ok", "yes"));
        assertThat(dropped()).isEqualTo(1);
    }

    @Test
    void bodiesThatAreNotMeteredAreNotRead() throws Exception {
        start();
        gateway.http.send(
                gateway.request("/openai/v1/files")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"user\":\"ann\""))
                        .build(),
                HttpResponse.BodyHandlers.discarding());
        assertThat(gateway.upstream.last().body()).isEqualTo("{\"user\":\"ann\"");
        assertThat(gateway.sink.events()).isEmpty();
    }
}
