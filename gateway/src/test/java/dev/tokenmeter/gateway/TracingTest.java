package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls as spans at a collector. */
class TracingTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String BODY = "{\"model\":\"gpt-4o\"}";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    @TempDir
    Path dir;

    private Collector collector;

    @BeforeEach
    void start() throws Exception {
        collector = new Collector();
    }

    @AfterEach
    void stop() {
        collector.close();
    }

    private TestGateway gateway(String... more) throws Exception {
        String[] settings = {
            "gateway.otlp.endpoint", collector.endpoint(),
            "gateway.otlp.headers.authorization", "Bearer otlp-secret",
            "gateway.otlp.compression", "none",
            "gateway.otlp.bsp-schedule-delay", "50ms"
        };
        String[] all = java.util.Arrays.copyOf(settings, settings.length + more.length);
        System.arraycopy(more, 0, all, settings.length, more.length);
        TestGateway gateway = new TestGateway(dir, all);
        gateway.upstream.answerJson("openai-chat.json");
        return gateway;
    }

    private Span span() {
        await().until(() -> collector.spans.size() == 1);
        return collector.spans.get(0);
    }

    @Test
    void aCallIsASpanBetweenItsCallersAndItsProviders() throws Exception {
        try (TestGateway gateway = gateway()) {
            gateway.post(CHAT, BODY, "traceparent", "00-" + TRACE + "-" + SPAN + "-01", "tracestate", "vendor=1");

            Span span = span();
            assertThat(span.getName()).isEqualTo("chat gpt-4o");
            assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CLIENT);
            assertThat(Collector.hex(span.getTraceId())).isEqualTo(TRACE);
            assertThat(Collector.hex(span.getParentSpanId())).isEqualTo(SPAN);
            assertThat(gateway.upstream.last().headers().getAll("traceparent"))
                    .containsExactly("00-" + TRACE + "-" + Collector.hex(span.getSpanId()) + "-01");
            assertThat(gateway.upstream.last().headers().get("tracestate")).isEqualTo("vendor=1");
            assertThat(Collector.attributes(span))
                    .containsEntry("gen_ai.operation.name", "chat")
                    .containsEntry("gen_ai.provider.name", "openai")
                    .containsEntry("gen_ai.request.model", "gpt-4o")
                    .containsEntry("gen_ai.response.model", gateway.event().getModel())
                    .containsEntry("server.address", "127.0.0.1")
                    .containsEntry("server.port", Integer.toString(gateway.upstream.port()))
                    .containsEntry("http.response.status_code", "200")
                    .containsEntry(
                            "tokenmeter.event_id", gateway.event().getEventId().toString())
                    .containsEntry("tokenmeter.cost_usd", "0.000000000123")
                    .doesNotContainKey("error.type");
            long input = gateway.event().getUncachedInputTokens()
                    + gateway.event().getCacheReadInputTokens()
                    + gateway.event().getAudioInputTokens();
            assertThat(Collector.attributes(span)).containsEntry("gen_ai.usage.input_tokens", Long.toString(input));
            assertThat(collector.authorizations).containsOnly("Bearer otlp-secret");
        }
    }

    @Test
    void aCallWithoutATraceBeginsOneThatItsEventNames() throws Exception {
        try (TestGateway gateway = gateway()) {
            gateway.post(CHAT, BODY);
            assertThat(gateway.event().getTraceId()).isEqualTo(Collector.hex(span().getTraceId()));
            assertThat(gateway.upstream.last().headers().get("traceparent"))
                    .startsWith("00-" + gateway.event().getTraceId());
        }
    }

    @Test
    void aCallerThatDoesNotSampleIsNotTraced() throws Exception {
        try (TestGateway gateway = gateway()) {
            gateway.post(CHAT, BODY, "traceparent", "00-" + TRACE + "-" + SPAN + "-00");
            assertThat(gateway.upstream.last().headers().get("traceparent"))
                    .startsWith("00-" + TRACE)
                    .endsWith("-00");
            gateway.post(CHAT, BODY, "traceparent", "00-" + TRACE + "-" + SPAN + "-01");
            span(); // of the second alone
        }
    }

    @Test
    void aFailedCallIsAnErrorOfItsStatus() throws Exception {
        try (TestGateway gateway = gateway()) {
            gateway.upstream.answer(
                    request -> request.response().setStatusCode(429).end("{}"));
            gateway.post(CHAT, BODY);
            assertThat(span().getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
            assertThat(Collector.attributes(span())).containsEntry("error.type", "429");
        }
    }

    @Test
    void withoutAnEndpointTheCallersTraceTravelsOnAsItIs() throws Exception {
        String theirs = "00-" + TRACE + "-" + SPAN + "-01";
        try (TestGateway gateway = new TestGateway(dir)) {
            gateway.upstream.answerJson("openai-chat.json");
            gateway.post(CHAT, BODY, "traceparent", theirs);
            assertThat(gateway.upstream.last().headers().get("traceparent")).isEqualTo(theirs);
            assertThat(gateway.event().getTraceId()).isEqualTo(TRACE);
        }
    }

    @Test
    void aCollectorThatIsAwayCostsSpansWhichAreCountedAndNoCall() throws Exception {
        collector.close();
        Map<String, Integer> answers = new java.util.HashMap<>();
        try (TestGateway gateway = gateway("gateway.otlp.bsp-max-queue-size", "4", "gateway.otlp.timeout", "200ms")) {
            for (int i = 0; i < 50; i++) {
                answers.merge(Integer.toString(gateway.post(CHAT, BODY).statusCode()), 1, Integer::sum);
            }
            assertThat(answers).isEqualTo(Map.of("200", 50));
            await().untilAsserted(() -> assertThat(gateway.meters
                            .get("tokenmeter.gateway.otlp.lost.spans")
                            .functionCounter()
                            .count())
                    .isEqualTo(50));
        }
    }
}
