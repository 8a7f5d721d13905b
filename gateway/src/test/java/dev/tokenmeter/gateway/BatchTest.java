package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.gateway.batch.BatchDirectory;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches: submitted by one, fetched by others, through one gateway and another. */
class BatchTest {
    private static final String OPENAI_OUTPUT = "/openai/v1/files/file-out/content";
    private static final String RESULTS = "/anthropic/v1/messages/batches/msgbatch_1/results";
    private static final Instant SUBMITTED = Instant.ofEpochSecond(1_711_471_533);

    @TempDir
    Path dir;

    private TestGateway gateway;
    private TestGateway other;

    @BeforeEach
    void start() throws Exception {
        gateway = new TestGateway(dir.resolve("one"));
        other = new TestGateway(dir.resolve("two"));
        for (TestGateway each : List.of(gateway, other)) {
            each.keys.put(TestGateway.key("tm-acme", "acme")
                    .setTags(Map.of("team", "search"))
                    .setAllowedOperations(List.of("*", "files", "stored"))
                    .build());
            each.keys.put(TestGateway.key("tm-beta", "beta")
                    .setAllowedOperations(List.of("*", "files", "stored"))
                    .build());
        }
        gateway.batchLog = batch -> other.batches.put(BatchDirectory.key(batch), batch);
        other.batchLog = batch -> gateway.batches.put(BatchDirectory.key(batch), batch);
    }

    @AfterEach
    void stop() {
        gateway.close();
        other.close();
    }

    @Test
    void outputFetchedByAnybodyIsChargedToTheSubmitterAtTheBatchTier() throws Exception {
        submitToOpenAi();
        assertThat(get(gateway, OPENAI_OUTPUT, "tm-beta", "openai-batch-output.jsonl"))
                .isEqualTo(Upstream.fixture("openai-batch-output.jsonl").toString());
        List<UsageEvent> events = events(gateway, 3);
        assertThat(events)
                .allSatisfy(event -> {
                    assertThat(event.getTenant()).isEqualTo("acme");
                    assertThat(event.getApiKeyId()).isEqualTo("key_acme");
                    assertThat(event.getTags()).isEqualTo(Map.of("team", "search", "feature", "nightly"));
                    assertThat(event.getProvider()).isEqualTo("openai");
                    assertThat(event.getServiceTier()).isEqualTo("batch");
                    assertThat(event.getCostUsd()).isEqualTo(TestGateway.COST);
                    assertThat(event.getGatewayRun()).isEmpty();
                    assertThat(event.toString()).doesNotContain("ü🚀");
                })
                .extracting(UsageEvent::getOperation)
                .containsExactly("chat", "embeddings", "responses");
        assertThat(events).extracting(UsageEvent::getUncachedInputTokens).containsExactly(22L, 8L, 36L);
        assertThat(events)
                .extracting(UsageEvent::getOccurredAt)
                .containsExactly(Instant.ofEpochSecond(1_711_475_055), SUBMITTED, Instant.ofEpochSecond(1_741_386_163));
        assertThat(events.get(0).getModel()).isEqualTo("gpt-4o-mini-2024-07-18");
        assertThat(events.get(0).getProviderRequestId()).isEqualTo("req_1");
        assertThat(events.get(2).getUnits()).containsKey("web_search_requests");
    }

    private void submitToOpenAi() throws Exception {
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "application/json")
                .end("{\"id\":\"batch_1\",\"object\":\"batch\",\"status\":\"validating\",\"created_at\":"
                        + SUBMITTED.getEpochSecond() + ",\"output_file_id\":null,\"metadata\":{\"id\":\"x\"}}"));
        gateway.post(
                "/openai/v1/batches",
                "{\"input_file_id\":\"file-in\",\"endpoint\":\"/v1/chat/completions\"}",
                "authorization",
                "Bearer tm-acme",
                "x-tokenmeter-tag-feature",
                "nightly");
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "application/json")
                .end("{\"object\":\"list\",\"data\":[{\"id\":\"batch_0\"},"
                        + "{\"id\":\"batch_1\",\"status\":\"completed\",\"output_file_id\":\"file-out\"}]}"));
        gateway.http.send(
                gateway.request("/openai/v1/batches?limit=2")
                        .header("authorization", "Bearer tm-beta")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(gateway.sink.events()).isEmpty();
    }

    @Test
    void outputFetchedAgainOrThroughAnotherGatewayIsTheSameEvents() throws Exception {
        submitToOpenAi();
        get(gateway, OPENAI_OUTPUT, "tm-acme", "openai-batch-output.jsonl");
        get(gateway, OPENAI_OUTPUT, "tm-beta", "openai-batch-output.jsonl");
        get(other, OPENAI_OUTPUT, "tm-beta", "openai-batch-output.jsonl");
        Set<String> first = identities(events(gateway, 6));
        assertThat(first).hasSize(3);
        assertThat(identities(events(other, 3))).isEqualTo(first);
    }

    /** All that stores tell events by. */
    private static Set<String> identities(List<UsageEvent> events) {
        return events.stream()
                .map(event -> String.join(
                        " ",
                        event.getEventId().toString(),
                        event.getTenant(),
                        event.getApiKeyId(),
                        event.getModel(),
                        event.getOccurredAt().toString()))
                .collect(Collectors.toSet());
    }

    @Test
    void aFetchCutOffMetersWhatPassedAndTheNextOneCompletesIt() throws Exception {
        String all = Upstream.fixture("anthropic-batch-results.jsonl").toString();
        String half = all.substring(0, all.lastIndexOf("\"output_tokens\""));
        gateway.upstream.answer(request -> {
            request.response().putHeader("content-type", "application/x-jsonl").setChunked(true);
            request.response()
                    .write(half)
                    .onComplete(written -> gateway.upstream
                            .vertx()
                            .setTimer(50, later -> request.connection().close()));
        });
        try {
            get(gateway, RESULTS, "tm-acme");
        } catch (IOException e) {
            // as it should be
        }
        UUID first = events(gateway, 1).get(0).getEventId();
        get(gateway, RESULTS, "tm-acme", "anthropic-batch-results.jsonl");
        List<UsageEvent> events = events(gateway, 3);
        assertThat(events.get(1).getEventId()).isEqualTo(first);
        assertThat(events.get(2).getCacheReadInputTokens()).isEqualTo(5);
        assertThat(events.get(2).getTextOutputTokens()).isEqualTo(36);
        assertThat(events).allSatisfy(event -> assertThat(event.getOperation()).isEqualTo("messages"));
    }

    @Test
    void aBatchSubmittedElsewhereIsChargedOnceToWhoFetchesItFirst() throws Exception {
        get(gateway, RESULTS, "tm-beta", "anthropic-batch-results.jsonl");
        get(other, RESULTS, "tm-acme", "anthropic-batch-results.jsonl");
        Set<String> charged = identities(events(gateway, 2));
        assertThat(charged).hasSize(2).allMatch(identity -> identity.contains(" beta key_beta "));
        assertThat(identities(events(other, 2))).isEqualTo(charged);
    }

    @Test
    void anthropicsSubmissionIsKnownByItsAnswer() throws Exception {
        gateway.upstream.answer(
                request -> request.response()
                        .putHeader("content-type", "application/json")
                        .end(
                                "{\"id\":\"msgbatch_1\",\"type\":\"message_batch\",\"created_at\":\"2026-11-20T18:37:24.100435Z\"}"));
        gateway.post("/anthropic/v1/messages/batches", "{\"requests\":[]}", "x-api-key", "tm-acme");
        get(other, RESULTS, "tm-beta", "anthropic-batch-results.jsonl");
        assertThat(events(other, 2)).allSatisfy(event -> {
            assertThat(event.getTenant()).isEqualTo("acme");
            assertThat(event.getOccurredAt()).isEqualTo(Instant.parse("2026-11-20T18:37:24.100435Z"));
        });
    }

    @Test
    void geminisResultsCountWhetherInTheAnswerOrInAFile() throws Exception {
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "application/json")
                .end("{\"name\":\"batches/b1\",\"metadata\":{\"createTime\":\"2026-11-20T10:00:00Z\"}}"));
        gateway.post("/gemini/v1beta/models/gemini-2.5-flash:batchGenerateContent", "{}", "x-goog-api-key", "tm-acme");
        get(gateway, "/gemini/v1beta/batches/b1", "tm-beta", "gemini-batch-inlined.json");
        List<UsageEvent> inlined = events(gateway, 2);
        assertThat(inlined).extracting(UsageEvent::getTenant).containsOnly("acme");
        assertThat(inlined).extracting(UsageEvent::getUncachedInputTokens).containsExactly(11L, 12L);
        assertThat(inlined.get(0).getOperation()).isEqualTo("generate_content");
        get(other, "/gemini/download/v1beta/files/batch-b1:download?alt=media", "tm-beta", "gemini-batch-output.jsonl");
        assertThat(events(other, 1).get(0).getModel()).isEqualTo("gemini-2.5-flash");
    }

    @Test
    void withoutAWordOnWhatIsStoredAKeyReachesItsTenantsBatchesAndNoOthers() throws Exception {
        submitToOpenAi();
        for (TestGateway each : List.of(gateway, other)) {
            each.keys.put(
                    TestGateway.key("tm-own", "acme").setApiKeyId("key_own").build());
            each.keys.put(TestGateway.key("tm-strange", "gamma").build());
        }
        assertThat(status(other, "/openai/v1/batches/batch_1", "tm-own")).isEqualTo(200);
        assertThat(status(other, OPENAI_OUTPUT, "tm-own")).isEqualTo(200);
        for (String path : List.of(
                "/openai/v1/batches/batch_1",
                "/openai/v1/batches/batch_1/cancel",
                OPENAI_OUTPUT,
                "/openai/v1/batches")) {
            assertThat(status(other, path, "tm-strange")).as(path).isEqualTo(403);
        }
        assertThat(status(other, "/openai/v1/batches/batch_7", "tm-own")).isEqualTo(403);
    }

    private static int status(TestGateway from, String path, String key) throws Exception {
        HttpRequest request = from.request(path).header("x-api-key", key).build();
        return from.http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    @Test
    void otherFilesPassAndBillNothing() throws Exception {
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "application/octet-stream")
                .end("{\"messages\":[],\"usage\":{\"prompt_tokens\":5}}\n".repeat(500)));
        assertThat(get(gateway, "/openai/v1/files/file-in/content", "tm-acme")).hasSize(500 * 44);
        gateway.post("/openai/v1/chat/completions", "{\"model\":\"m\"}");
        assertThat(gateway.event().getOperation()).isEqualTo("chat");
        assertThat(gateway.batches.size()).isZero();
    }

    @Test
    void aLongOutputIsReadWhileItPassesAndEachResultCountsOnce() throws Exception {
        String line = Upstream.fixture("openai-batch-output.jsonl").toString().split("\n")[0];
        Buffer output = Buffer.buffer();
        for (int i = 0; i < 5000; i++) {
            output.appendString(line.replace("batch_req_1", "batch_req_" + i)).appendString("\n");
        }
        gateway.upstream.answer(request -> request.response().end(output));
        assertThat(get(gateway, "/openai/v1/files/file-long/content", "tm-acme"))
                .hasSize(output.toString().length());
        Set<UUID> ids = new HashSet<>();
        events(gateway, 5000).forEach(event -> ids.add(event.getEventId()));
        assertThat(ids).hasSize(5000);
        assertThat(gateway.meters.scrape())
                .contains("tokenmeter_gateway_batch_results_total{provider=\"openai\"} 5000");
    }

    private static String background(String status, String usage) {
        return "{\"id\":\"resp_1\",\"object\":\"response\",\"created_at\":" + SUBMITTED.getEpochSecond()
                + ",\"status\":\"" + status + "\",\"background\":true,\"error\":null,\"model\":\"gpt-5-2025-08-07\","
                + "\"output\":[],\"service_tier\":\"" + (usage.equals("null") ? "auto" : "flex") + "\",\"usage\":"
                + usage
                + "}";
    }

    private static final String USED = "{\"input_tokens\":328,\"input_tokens_details\":{\"cached_tokens\":300},"
            + "\"output_tokens\":52,\"output_tokens_details\":{\"reasoning_tokens\":32},\"total_tokens\":380}";

    private static void answer(TestGateway from, String type, String body) {
        from.upstream.answer(
                request -> request.response().putHeader("content-type", type).end(body));
    }

    private void askInTheBackground() throws Exception {
        answer(gateway, "application/json", background("queued", "null"));
        gateway.post(
                "/openai/v1/responses",
                "{\"model\":\"gpt-5\",\"background\":true,\"input\":\"Write a novel\"}",
                "authorization",
                "Bearer tm-acme",
                "x-tokenmeter-tag-feature",
                "novels");
    }

    @Test
    void aResponseInTheBackgroundIsChargedOnceToWhoAskedForItWhoeverRetrievesIt() throws Exception {
        askInTheBackground();
        answer(gateway, "application/json", background("in_progress", "null"));
        get(gateway, "/openai/v1/responses/resp_1", "tm-acme");
        answer(gateway, "application/json", background("completed", USED));
        answer(other, "application/json", background("completed", USED));
        get(gateway, "/openai/v1/responses/resp_1", "tm-beta");
        get(gateway, "/openai/v1/responses/resp_1", "tm-acme");
        get(other, "/openai/v1/responses/resp_1", "tm-beta");
        Set<String> first = identities(events(gateway, 2));
        assertThat(first).hasSize(1);
        assertThat(identities(events(other, 1))).isEqualTo(first);
        UsageEvent event = gateway.sink.events().get(0);
        assertThat(event.getTenant()).isEqualTo("acme");
        assertThat(event.getTags()).isEqualTo(Map.of("team", "search", "feature", "novels"));
        assertThat(event.getOperation()).isEqualTo("responses");
        assertThat(event.getServiceTier()).isEqualTo("flex");
        assertThat(event.getOccurredAt()).isEqualTo(SUBMITTED);
        assertThat(event.getUncachedInputTokens()).isEqualTo(28);
        assertThat(event.getReasoningOutputTokens()).isEqualTo(32);
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.provider);
        assertThat(event.getCostUsd()).isEqualTo(TestGateway.COST);
    }

    @Test
    void aResponseInTheBackgroundThatIsStreamedToItsEndIsTheSameEventAsWhenItIsRetrieved() throws Exception {
        String stream = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":"
                + background("queued", "null")
                + "}\n\nevent: response.completed\ndata: {\"type\":\"response.completed\","
                + "\"response\":" + background("completed", USED) + "}\n\n";
        answer(gateway, "text/event-stream", stream);
        gateway.post(
                "/openai/v1/responses",
                "{\"model\":\"gpt-5\",\"background\":true,\"stream\":true,\"input\":\"Write a novel\"}",
                "authorization",
                "Bearer tm-acme");
        Set<String> first = identities(events(gateway, 1));
        answer(other, "text/event-stream", stream);
        get(other, "/openai/v1/responses/resp_1?stream=true&starting_after=0", "tm-beta");
        assertThat(identities(events(other, 1))).isEqualTo(first);
    }

    @Test
    void aStoredResponseThatIsRetrievedBillsNothing() throws Exception {
        get(gateway, "/openai/v1/responses/resp_2", "tm-acme", "openai-responses.json");
        gateway.post("/openai/v1/chat/completions", "{\"model\":\"m\"}");
        assertThat(gateway.event().getOperation()).isEqualTo("chat");
        assertThat(gateway.batches.size()).isZero();
    }

    @Test
    void untilItIsRetrievedAResponseInTheBackgroundIsHeldAgainstItsBudgets() throws Exception {
        gateway.budgets
                .definitions()
                .put(
                        "b1",
                        Budget.newBuilder()
                                .setBudgetId("b1")
                                .setTenant("acme")
                                .setName("b1")
                                .setAmountUsd(Money.exact(BigDecimal.ZERO))
                                .setAmountTokens(5000L)
                                .setHard(true)
                                .setUpdatedAt(Instant.now())
                                .build());
        askInTheBackground();
        String chat = "{\"model\":\"m\",\"max_tokens\":1000}";
        String[] key = {"authorization", "Bearer tm-acme"};
        assertThat(gateway.post("/openai/v1/chat/completions", chat, key).statusCode())
                .isEqualTo(402);
        answer(gateway, "application/json", background("completed", USED));
        get(gateway, "/openai/v1/responses/resp_1", "tm-beta");
        assertThat(gateway.post("/openai/v1/chat/completions", chat, key).statusCode())
                .isEqualTo(200);
    }

    private static List<UsageEvent> events(TestGateway from, int count) {
        await().until(() -> from.sink.events().size() >= count);
        assertThat(from.sink.events()).hasSize(count);
        return from.sink.events();
    }

    private static String get(TestGateway from, String path, String key, String fixture) throws Exception {
        from.upstream.answer(request ->
                request.response().putHeader("content-type", "application/json").end(Upstream.fixture(fixture)));
        return get(from, path, key);
    }

    private static String get(TestGateway from, String path, String key) throws Exception {
        String header = path.startsWith("/gemini") ? "x-goog-api-key" : "x-api-key";
        HttpRequest request = from.request(path)
                .header(header, key)
                .header("accept-encoding", "gzip")
                .header("range", "bytes=10-")
                .build();
        HttpResponse<String> response = from.http.send(request, HttpResponse.BodyHandlers.ofString());
        Upstream.Seen seen = from.upstream.last();
        assertThat(seen.headers().get("accept-encoding")).isEqualTo("identity");
        return response.body();
    }
}
