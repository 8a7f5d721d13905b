package dev.tokenmeter.queryapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.queryapi.ApiForTests.Answer;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Calls that no gateway saw come in, priced, attributed and each once, over a real broker. */
class IngestTest {
    private static final String EVENTS = "/api/v1/events";
    private static final String TRACES = "/api/v1/otlp/v1/traces";
    private static final Instant CALLED = ApiForTests.NOW.minusSeconds(60);
    private static ApiForTests open;
    private static ApiForTests service;
    private static ApiForTests viewer;
    private static ApiForTests acme;

    @BeforeAll
    static void start() throws Exception {
        Map<String, String> settings = new HashMap<>();
        settings.putAll(ApiForTests.token("operator", "*", "admin"));
        settings.putAll(ApiForTests.token("service", "*", "ingest"));
        settings.putAll(ApiForTests.token("viewer", "*", "viewer"));
        settings.putAll(ApiForTests.token("acme", "acme", "ingest"));
        settings.put("query-api.ingest.max-bytes", "100000");
        settings.put("query-api.ingest.max-events", "50");
        settings.put("query-api.ingest.gateway-addresses", "gateway.internal:8080");
        open = ApiForTests.start(settings);
        service = open.as("service-token");
        viewer = open.as("viewer-token");
        acme = open.as("acme-token");
    }

    @AfterAll
    static void stop() throws Exception {
        open.close();
    }

    private static JsonObject call(String id) {
        return new JsonObject()
                .put("id", id)
                .put("time", CALLED.toString())
                .put("tenant", "acme")
                .put("provider", "openai")
                .put("model", "gpt-4o-2024-08-06")
                .put("input_tokens", 1_000)
                .put("output_tokens", 500)
                .put("tags", new JsonObject().put("feature", "chatbot"));
    }

    private static JsonObject cloudEvent(String id) {
        JsonObject data = call(id);
        data.remove("id");
        data.remove("time");
        return new JsonObject()
                .put("specversion", "1.0")
                .put("type", "dev.tokenmeter.usage")
                .put("source", "/billing-job")
                .put("id", id)
                .put("time", CALLED.toString())
                .put("data", data);
    }

    @Test
    void aCallIsPricedAndKeptUnderOneIdHoweverOftenItIsSent() throws Exception {
        Answer answer = service.send("POST", EVENTS, call("one").put("end_user", "ada@example.com"));
        Answer again = service.send("POST", EVENTS, call("one"));

        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        assertThat(id(again)).isEqualTo(id(answer));
        List<UsageEvent> copies = events(id(answer));
        assertThat(copies).hasSize(2);
        UsageEvent event = copies.get(0);
        assertThat(event.getCostUsd()).isEqualByComparingTo("0.0075"); // 1,000 at $2.50 and 500 at $10 a million
        assertThat(event.getSource()).isEqualTo("ingest");
        assertThat(event.getTenant()).isEqualTo("acme");
        assertThat(event.getApiKeyId()).isEqualTo("ingest-service");
        assertThat(event.getTags()).isEqualTo(Map.of("feature", "chatbot"));
        assertThat(event.getOccurredAt()).isEqualTo(CALLED);
        assertThat(event.getEndUser()).hasSize(16).doesNotContain("ada");
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.provider);
    }

    @Test
    void anotherPayerOrAnotherIdIsAnotherCall() throws Exception {
        String one = id(service.send("POST", EVENTS, call("two")));

        assertThat(id(service.send("POST", EVENTS, call("three")))).isNotEqualTo(one);
        assertThat(id(service.send("POST", EVENTS, call("two").put("tenant", "other"))))
                .isNotEqualTo(one);
        assertThat(id(service.send("POST", EVENTS, call("two").put("source", "/other"))))
                .isNotEqualTo(one);
    }

    @Test
    void totalsHoldWhatIsToldApartBesideThem() throws Exception {
        UsageEvent event = only(service.send(
                "POST",
                EVENTS,
                call("parts").put("cache_read_input_tokens", 200).put("reasoning_output_tokens", 100)));

        assertThat(event.getUncachedInputTokens()).isEqualTo(800);
        assertThat(event.getCacheReadInputTokens()).isEqualTo(200);
        assertThat(event.getTextOutputTokens()).isEqualTo(400);
        assertThat(event.getReasoningOutputTokens()).isEqualTo(100);
    }

    @Test
    void aModelWithoutAPriceHasNoCost() throws Exception {
        UsageEvent event = only(service.send("POST", EVENTS, call("unknown").put("model", "not-yet-invented-9")));

        assertThat(event.getCostUsd()).isNull();
    }

    @Test
    void cloudEventsComeOneByOneInBatchesAndInBinaryMode() throws Exception {
        Answer one = upload(service, cloudEvent("ce-1").encode(), "application/cloudevents+json");
        Answer batch = upload(
                service,
                new JsonArray().add(cloudEvent("ce-1")).add(cloudEvent("ce-2")).encode(),
                "application/cloudevents-batch+json; charset=utf-8");
        HttpRequest binary = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + open.port() + EVENTS))
                .header("Authorization", "Bearer service-token")
                .header("Content-Type", "application/json")
                .header("ce-specversion", "1.0")
                .header("ce-type", "dev.tokenmeter.usage")
                .header("ce-source", "/billing-job")
                .header("ce-id", "ce-1")
                .header("ce-time", CALLED.toString())
                .POST(HttpRequest.BodyPublishers.ofString(
                        cloudEvent("ce-1").getJsonObject("data").encode()))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(binary, HttpResponse.BodyHandlers.ofString());

        assertThat(one.status()).as(one.body()).isEqualTo(202);
        assertThat(batch.status()).as(batch.body()).isEqualTo(202);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        JsonArray ids = batch.json().getJsonObject("data").getJsonArray("event_ids");
        assertThat(ids).hasSize(2);
        assertThat(ids.getString(0)).isEqualTo(id(one));
        assertThat(new JsonObject(answer.body()).getJsonObject("data").getJsonArray("event_ids"))
                .containsExactly(id(one));
        assertThat(events(id(one))).hasSize(3);
    }

    @Test
    void whatIsWrongIsNamedAndNothingOfItsRequestIsKept() throws Exception {
        JsonArray three = new JsonArray()
                .add(call("whole"))
                .add(call("no-model").putNull("model"))
                .add(call("typo").put("outptu_tokens", 3));
        Answer answer = upload(service, three.encode(), "application/json");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body())
                .contains("events[1].model", "events[2].outptu_tokens")
                .contains("None was kept");
        assertThat(open.kafka.read(Topics.USAGE))
                .noneMatch(record -> new String(record.value(), StandardCharsets.ISO_8859_1).contains("no-model"));
        assertBad(call("x").putNull("id"), "id: not given");
        assertBad(call("x").put("time", "yesterday"), "time: found 'yesterday'");
        assertBad(call("x").put("time", "2026-11-01T00:00:00Z"), "query-api.ingest.max-age");
        assertBad(call("x").put("time", "2026-11-23T10:36:00Z"), "not after 2026-11-23T10:35:00Z");
        assertBad(call("x").put("input_tokens", -1), "input_tokens: found -1");
        assertBad(call("x").put("input_tokens", 1.5), "input_tokens: found 1.5");
        assertBad(call("x").put("uncached_input_tokens", 1), "given beside uncached_input_tokens");
        assertBad(call("x").put("cache_read_input_tokens", 1_001), "at least the 1001");
        assertBad(call("x").put("operation", "telepathy"), "operation");
        assertBad(call("x").put("http_status", 1_000), "http_status: found 1000");
        assertBad(call("x").put("units", new JsonObject().put("images", "1e-13")), "units.images");
        assertBad(call("x").put("tags", new JsonObject().put("no spaces", "x")), "tags: a tag's name");
        assertBad(call("x").putNull("input_tokens").putNull("output_tokens"), "no tokens and no units");
        assertThat(upload(service, "[]", "application/json").status()).isEqualTo(400);
        assertThat(upload(service, "7", "application/json").status()).isEqualTo(400);
        assertThat(upload(service, "{", "application/json").status()).isEqualTo(400);
        assertThat(upload(service, call("x").encode(), "text/plain").status()).isEqualTo(415);
        assertThat(upload(service, " ".repeat(100_001), "application/json").status())
                .isEqualTo(413);
    }

    private static void assertBad(JsonObject body, String told) throws Exception {
        Answer answer = service.send("POST", EVENTS, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.json().getString("detail")).contains(told);
    }

    @Test
    void aTokenSendsForItsOwnTenantAndReadsNothing() throws Exception {
        JsonObject others = call("stolen").put("tenant", "victim");
        assertThat(acme.send("POST", EVENTS, others).status()).isEqualTo(403);
        others.remove("tenant");
        assertThat(only(acme.send("POST", EVENTS, others)).getTenant()).isEqualTo("acme");

        assertThat(viewer.send("POST", EVENTS, call("x")).status()).isEqualTo(403);
        assertThat(viewer.send("POST", TRACES, new JsonObject()).status()).isEqualTo(403);
        assertThat(service.get(EVENTS).status()).isEqualTo(403);
        assertThat(service.get("/api/v1/usage").status()).isEqualTo(403);
        assertThat(service.send("POST", "/api/v1/keys", new JsonObject()).status())
                .isEqualTo(403);
        assertThat(viewer.get("/api/v1/keys").status()).isEqualTo(200);
        assertThat(open.send("POST", EVENTS, call("x")).status()).isEqualTo(401);
    }

    @Test
    void spansOfTheRealSdkBecomeCallsAndSpansAroundThemDoNot() throws Exception {
        AttributeKey<String> operation = AttributeKey.stringKey("gen_ai.operation.name");
        try (OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                        .setEndpoint("http://127.0.0.1:" + open.port() + TRACES)
                        .setCompression("gzip")
                        .addHeader("Authorization", "Bearer acme-token")
                        .build();
                SdkTracerProvider provider = SdkTracerProvider.builder()
                        .setResource(
                                Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), "support-bot")))
                        .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                        .build()) {
            var tracer = provider.get("test");
            Span agent = tracer.spanBuilder("invoke_agent")
                    .setAttribute(operation, "invoke_agent")
                    .setAttribute("gen_ai.provider.name", "anthropic")
                    .setAttribute("gen_ai.usage.input_tokens", 1_000)
                    .startSpan();
            Span chat = tracer.spanBuilder("chat claude-sonnet-4-5")
                    .setParent(Context.root().with(agent))
                    .setSpanKind(SpanKind.CLIENT)
                    .setStartTimestamp(CALLED.minusMillis(1_500))
                    .setAttribute(operation, "chat")
                    .setAttribute("gen_ai.provider.name", "anthropic")
                    .setAttribute("gen_ai.request.model", "claude-sonnet-4-5")
                    .setAttribute("gen_ai.response.model", "claude-sonnet-4-5-20250929")
                    .setAttribute("gen_ai.response.id", "msg_1")
                    .setAttribute("gen_ai.usage.input_tokens", 1_000)
                    .setAttribute("gen_ai.usage.cache_read.input_tokens", 400)
                    .setAttribute("gen_ai.usage.output_tokens", 100)
                    .setAttribute("tokenmeter.tag.feature", "refunds")
                    .setAttribute("tokenmeter.tenant", "acme")
                    .startSpan();
            chat.end(CALLED);
            agent.end(CALLED);
            provider.forceFlush().join(30, TimeUnit.SECONDS);

            List<UsageEvent> found = eventsOfTrace(chat.getSpanContext().getTraceId());
            assertThat(found).hasSize(1);
            UsageEvent event = found.get(0);
            assertThat(event.getProvider()).isEqualTo("anthropic");
            assertThat(event.getModel()).isEqualTo("claude-sonnet-4-5-20250929");
            assertThat(event.getProviderRequestId()).isEqualTo("msg_1");
            assertThat(event.getUncachedInputTokens()).isEqualTo(600);
            assertThat(event.getCacheReadInputTokens()).isEqualTo(400);
            assertThat(event.getTextOutputTokens()).isEqualTo(100);
            assertThat(event.getLatencyMs()).isEqualTo(1_500);
            assertThat(event.getOccurredAt()).isEqualTo(CALLED);
            assertThat(event.getTags()).isEqualTo(Map.of("feature", "refunds", "service", "support-bot"));
            // $3 a million fresh, $0.30 cached, $15 out
            assertThat(event.getCostUsd())
                    .isEqualByComparingTo(new BigDecimal("0.0018")
                            .add(new BigDecimal("0.00012"))
                            .add(new BigDecimal("0.0015")));
        }
    }

    private static JsonObject span(String spanId, Map<String, Object> attributes) {
        JsonArray pairs = new JsonArray();
        attributes.forEach((name, value) -> pairs.add(new JsonObject()
                .put("key", name)
                .put(
                        "value",
                        value instanceof String
                                ? new JsonObject().put("stringValue", value)
                                : new JsonObject().put("intValue", value.toString()))));
        long nanos = TimeUnit.MILLISECONDS.toNanos(CALLED.toEpochMilli());
        return new JsonObject()
                .put("traceId", "5B8EFFF798038103D269B633813FC60C")
                .put("spanId", spanId)
                .put("kind", 3)
                .put("startTimeUnixNano", Long.toString(nanos))
                .put("endTimeUnixNano", Long.toString(nanos))
                .put("attributes", pairs);
    }

    private static JsonObject traces(JsonObject... spans) {
        return new JsonObject()
                .put(
                        "resourceSpans",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("resource", new JsonObject())
                                        .put(
                                                "scopeSpans",
                                                new JsonArray()
                                                        .add(new JsonObject()
                                                                .put("spans", new JsonArray(List.of(spans)))))));
    }

    @Test
    void spansAsJsonAreTakenAndOnesThatCannotBeAreTold() throws Exception {
        Map<String, Object> chat = Map.of(
                "gen_ai.operation.name", "chat",
                "gen_ai.system", "az.ai.openai",
                "gen_ai.request.model", "gpt-4o",
                "gen_ai.usage.prompt_tokens", 10,
                "gen_ai.usage.completion_tokens", 5);
        Map<String, Object> silent = Map.of(
                "gen_ai.operation.name", "chat",
                "gen_ai.system", "openai",
                "gen_ai.request.model", "gpt-4o");
        Map<String, Object> viaGateway = new HashMap<>(chat);
        viaGateway.put("server.address", "gateway.internal");
        viaGateway.put("server.port", 8_080);
        Map<String, Object> others = new HashMap<>(chat);
        others.put("tokenmeter.tenant", "victim");
        Map<String, Object> noModel = Map.of("gen_ai.operation.name", "chat", "gen_ai.system", "openai");
        Answer answer = acme.send(
                "POST",
                TRACES,
                traces(
                        span("00000000000000a1", chat),
                        span("00000000000000a2", silent),
                        span("00000000000000a3", viaGateway),
                        span("00000000000000a4", others),
                        span("00000000000000a5", noModel),
                        span("00000000000000a6", Map.of("http.request.method", "GET"))));
        acme.send("POST", TRACES, traces(span("00000000000000a1", chat)));

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        JsonObject partial = answer.json().getJsonObject("partialSuccess");
        assertThat(partial.getString("rejectedSpans")).isEqualTo("2");
        assertThat(partial.getString("errorMessage"))
                .contains("tokenmeter.tenant")
                .contains("gen_ai.response.model");
        List<UsageEvent> found = eventsOfTrace("5b8efff798038103d269b633813fc60c");
        assertThat(found).hasSize(3);
        assertThat(found.get(0).getEventId()).isEqualTo(found.get(2).getEventId());
        assertThat(found.get(0).getProvider()).isEqualTo("azure");
        assertThat(found.get(0).getUncachedInputTokens()).isEqualTo(10);
        assertThat(found.get(1).getCostUsd())
                .as("a call whose tokens nobody said is not free")
                .isNull();
        assertThat(found.get(1).getOutcome()).isEqualTo(Outcome.completed);
        byte[] text = "not protobuf".getBytes(StandardCharsets.UTF_8);
        assertThat(acme.upload(TRACES, text, "application/x-protobuf").status()).isEqualTo(400);
    }

    private static Answer upload(ApiForTests api, String body, String mediaType) throws Exception {
        return api.upload(EVENTS, body.getBytes(StandardCharsets.UTF_8), mediaType);
    }

    private static String id(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        return answer.json().getJsonObject("data").getJsonArray("event_ids").getString(0);
    }

    private static UsageEvent only(Answer answer) {
        List<UsageEvent> found = events(id(answer));
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static List<UsageEvent> events(String id) {
        return all().stream()
                .filter(event -> event.getEventId().toString().equals(id))
                .toList();
    }

    private static List<UsageEvent> eventsOfTrace(String traceId) {
        return all().stream()
                .filter(event -> traceId.equals(event.getTraceId()))
                .toList();
    }

    private static List<UsageEvent> all() {
        List<UsageEvent> all = new ArrayList<>();
        try (var values = open.kafka.kafka().<UsageEvent>valueDeserializer()) {
            open.kafka
                    .read(Topics.USAGE)
                    .forEach(record -> all.add(values.deserialize(record.topic(), record.value())));
        }
        return all;
    }
}
