package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What a call is charged for whose usage never came: its client hung up, its provider broke off, or never says. */
class HangUpTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String BODY =
            "{\"model\":\"gpt-4o\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"xyzzy plugh\"}]}";
    private static final String TEXT = "The quick brown fox jumps over the lazy dog";
    private static final int TOKENS = 9;
    private static final String FIRST =
            "data: {\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + TEXT + "\"}}]}\n\n";

    private static final String LAST = "data: {\"model\":\"gpt-4o\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,"
            + "\"completion_tokens\":270}}\n\ndata: [DONE]\n\n";

    @TempDir
    private Path dir;

    private TestGateway gateway;

    private void start(String... settings) throws Exception {
        gateway = new TestGateway(dir, PriceBook.shipped(), settings);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private static HttpServerResponse stream(HttpServerRequest request, String start) {
        HttpServerResponse response = request.response()
                .putHeader("content-type", "text/event-stream")
                .setChunked(true);
        response.write(start);
        return response;
    }

    private InputStream open(String path, String body) throws Exception {
        HttpRequest request = gateway.request(path)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return gateway.http
                .send(request, HttpResponse.BodyHandlers.ofInputStream())
                .body();
    }

    /** Reads so many bytes and goes away. */
    private void readAndHangUp(String path, String body, int bytes) throws Exception {
        try (InputStream answer = open(path, body)) {
            assertThat(answer.readNBytes(bytes)).hasSize(bytes);
        }
    }

    private void assertEstimated(UsageEvent event, Outcome outcome) {
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.estimated);
        assertThat(event.getOutcome()).isEqualTo(outcome);
        assertThat(event.getTextOutputTokens()).isEqualTo(TOKENS);
        assertThat(event.getUncachedInputTokens()).isBetween(10L, 15L);
        assertThat(event.getCostUsd()).isPositive();
        assertThat(event.getRawUsage()).isNull();
    }

    @Test
    void aClientThatHangsUpIsChargedForWhatWasSeen() throws Exception {
        start();
        gateway.upstream.answer(request -> stream(request, FIRST));
        readAndHangUp(CHAT, BODY, FIRST.length());
        assertEstimated(gateway.event(), Outcome.client_aborted);
        assertThat(gateway.event().getHttpStatus()).isEqualTo(200);
        await().until(() -> gateway.upstream.cancelled.contains("/v1/chat/completions"));
    }

    @Test
    void theProvidersInputIsKeptWhereItCame() throws Exception {
        start();
        String seen = Upstream.fixture("anthropic-stream.sse").toString().split("event: content_block_stop")[0];
        gateway.upstream.answer(request -> stream(request, seen));
        readAndHangUp("/anthropic/v1/messages", BODY, seen.getBytes(StandardCharsets.UTF_8).length);
        UsageEvent event = gateway.event();
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.estimated);
        assertThat(event.getUncachedInputTokens()).isEqualTo(2095);
        assertThat(event.getCacheReadInputTokens()).isEqualTo(1800);
        assertThat(event.getTextOutputTokens()).isBetween(3L, 8L);
        assertThat(event.getRawUsage()).contains("\"input_tokens\":2095");
    }

    @Test
    void drainedTheAnswerIsReadToItsEndAndItsUsageIsExact() throws Exception {
        start("gateway.when-client-hangs-up", "drain");
        CompletableFuture<HttpServerResponse> open = new CompletableFuture<>();
        gateway.upstream.answer(request -> open.complete(stream(request, FIRST)));
        readAndHangUp(CHAT, BODY, FIRST.length());
        await().until(() ->
                gateway.meters.get("tokenmeter.gateway.drains").gauge().value() == 1);
        gateway.upstream.vertx().runOnContext(later -> open.join().end(Upstream.fixture("openai-chat-stream.sse")));
        UsageEvent event = gateway.event();
        assertThat(event.getOutcome()).isEqualTo(Outcome.client_aborted);
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.provider);
        assertThat(event.getUncachedInputTokens()).isEqualTo(80);
        assertThat(gateway.meters.get("tokenmeter.gateway.drains").gauge().value())
                .isZero();
    }

    @Test
    void drainedACallWhoseClientDidNotWaitForItsAnswerIsExactToo() throws Exception {
        start("providers.openai.when-client-hangs-up", "drain");
        CompletableFuture<HttpServerRequest> asked = new CompletableFuture<>();
        gateway.upstream.answer(asked::complete);
        CompletableFuture<?> call = gateway.http.sendAsync(
                gateway.request(CHAT)
                        .POST(HttpRequest.BodyPublishers.ofString(BODY))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        asked.join();
        call.cancel(true);
        await().until(() ->
                gateway.meters.get("tokenmeter.gateway.drains").gauge().value() == 1);
        gateway.upstream
                .vertx()
                .runOnContext(later -> asked.join()
                        .response()
                        .putHeader("content-type", "application/json")
                        .end(Upstream.fixture("openai-chat.json")));
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.client_aborted);
        assertThat(gateway.event().getUsageSource()).isEqualTo(UsageSource.provider);
        assertThat(gateway.event().getCacheReadInputTokens()).isEqualTo(1920);
    }

    @Test
    void aDrainThatFallsSilentEndsAfterTheIdleTimeoutWithAnEstimate() throws Exception {
        start("gateway.when-client-hangs-up", "drain", "providers.openai.idle-timeout", "3s");
        gateway.upstream.answer(request -> stream(request, FIRST));
        readAndHangUp(CHAT, BODY, FIRST.length());
        assertEstimated(gateway.event(), Outcome.client_aborted);
        await().until(() -> gateway.upstream.cancelled.contains("/v1/chat/completions"));
    }

    @Test
    void beyondItsBoundNothingIsDrained() throws Exception {
        start("gateway.when-client-hangs-up", "drain", "gateway.drain.max-concurrent", "0");
        gateway.upstream.answer(request -> stream(request, FIRST));
        readAndHangUp(CHAT, BODY, FIRST.length());
        assertEstimated(gateway.event(), Outcome.client_aborted);
        assertThat(gateway.meters
                        .get("tokenmeter.gateway.drains.refused")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void aStopEndsWhatIsDrainedAndMetersIt() throws Exception {
        start("gateway.when-client-hangs-up", "drain");
        gateway.upstream.answer(request -> stream(request, FIRST));
        readAndHangUp(CHAT, BODY, FIRST.length());
        await().until(() ->
                gateway.meters.get("tokenmeter.gateway.drains").gauge().value() == 1);
        gateway.service.close();
        assertEstimated(gateway.event(), Outcome.client_aborted);
    }

    @Test
    void aProviderThatBreaksOffIsChargedForWhatWasSeen() throws Exception {
        start();
        gateway.upstream.answer(request -> stream(request, FIRST)
                .write("data: {\"choi")
                .onComplete(written -> request.connection().close()));
        try (InputStream answer = open(CHAT, BODY)) {
            answer.readAllBytes();
        } catch (IOException e) {
            assertThat(e).isNotNull(); // broken off, as it should be
        }
        assertEstimated(gateway.event(), Outcome.upstream_error);
    }

    @Test
    void aProviderThatFallsSilentIsChargedForWhatWasSeen() throws Exception {
        start("providers.openai.idle-timeout", "300ms");
        gateway.upstream.answer(request -> stream(request, FIRST));
        try (InputStream answer = open(CHAT, BODY)) {
            answer.readAllBytes();
        } catch (IOException e) {
            assertThat(e).isNotNull();
        }
        assertEstimated(gateway.event(), Outcome.timeout);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aServerThatNeverSendsUsageIsEstimated(boolean streamed) throws Exception {
        start();
        String json = "{\"model\":\"gpt-4o\",\"choices\":[{\"message\":{\"content\":\"" + TEXT + "\"}}]}";
        String answer = streamed ? FIRST + "data: [DONE]\n\n" : json;
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", streamed ? "text/event-stream" : "application/json")
                .end(answer));
        assertThat(gateway.post(CHAT, BODY).body()).isEqualTo(answer);
        assertEstimated(gateway.event(), Outcome.completed);
    }

    @Test
    void aClientThatDidNotWaitForAnAnswerIsChargedForWhatItSent() throws Exception {
        start();
        CompletableFuture<HttpServerRequest> asked = new CompletableFuture<>();
        gateway.upstream.answer(asked::complete);
        CompletableFuture<?> call = gateway.http.sendAsync(
                gateway.request(CHAT)
                        .POST(HttpRequest.BodyPublishers.ofString(BODY))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        asked.join();
        call.cancel(true);
        assertThat(gateway.event().getUsageSource()).isEqualTo(UsageSource.estimated);
        assertThat(gateway.event().getUncachedInputTokens()).isBetween(10L, 15L);
        assertThat(gateway.event().getTextOutputTokens()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"openai-chat-stream.sse,true", "openai-chat.json,false"})
    void usageThatCameIsNeverEstimated(String fixture, boolean streamed) throws Exception {
        start();
        if (streamed) {
            gateway.upstream.answerStream(fixture);
        } else {
            gateway.upstream.answerJson(fixture);
        }
        gateway.post(CHAT, BODY);
        assertThat(gateway.event().getUsageSource()).isEqualTo(UsageSource.provider);
        assertThat(gateway.meters.find("tokenmeter.gateway.estimates").counters())
                .allMatch(counter -> counter.count() == 0);
        await().until(() ->
                gateway.meters.get("tokenmeter.gateway.estimates.kept").gauge().value() == 0);
    }

    @Test
    void nothingOfTheTextIsInTheEventTheMetricsOrTheLog() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(log);
        try {
            start("gateway.estimates.max-bytes-per-call", "150");
            gateway.upstream.answer(request -> stream(request, FIRST));
            readAndHangUp(CHAT, BODY, FIRST.length());
            assertThat(gateway.event().toString()).doesNotContain("xyzzy").doesNotContain("quick");
            assertThat(gateway.meters.scrape()).doesNotContain("xyzzy").doesNotContain("quick");
            log.stop();
            assertThat(log.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .noneMatch(message -> message.contains("xyzzy") || message.contains("quick"));
        } finally {
            root.detachAppender(log);
        }
    }

    @Test
    void aCapSettlesWithTheEstimate() throws Exception {
        start();
        gateway.key("tm-secret", "acme", Map.of(), true, null);
        gateway.budgets
                .definitions()
                .put(
                        "b1",
                        Budget.newBuilder()
                                .setBudgetId("b1")
                                .setTenant("acme")
                                .setName("b1")
                                .setAmountUsd(Money.exact(BigDecimal.ONE))
                                .setHard(true)
                                .setUpdatedAt(Instant.now())
                                .build());
        gateway.upstream.answer(request -> stream(request, FIRST));
        HttpRequest request = gateway.request(CHAT)
                .header("Authorization", "Bearer tm-secret")
                .POST(HttpRequest.BodyPublishers.ofString(BODY))
                .build();
        try (InputStream answer = gateway.http
                .send(request, HttpResponse.BodyHandlers.ofInputStream())
                .body()) {
            answer.readNBytes(FIRST.length());
        }
        UsageEvent event = gateway.event();
        assertThat(event.getTenant()).isEqualTo("acme");
        assertThat(gateway.meters
                        .get("tokenmeter.gateway.caps.reserved")
                        .gauge()
                        .value())
                .isZero();
        assertThat(gateway.meters
                        .get("tokenmeter.gateway.caps.unconfirmed")
                        .gauge()
                        .value())
                .isPositive()
                .isEqualTo(event.getCostUsd().doubleValue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cancel", "drain"})
    void ofAHundredClientsThatHangUpAtAnyPointEachLeavesExactlyOneEvent(String policy) throws Exception {
        start("gateway.when-client-hangs-up", policy, "gateway.event-loops", "2");
        List<HttpServerResponse> answers = new CopyOnWriteArrayList<>();
        gateway.upstream.answer(request -> {
            answers.add(stream(request, ""));
            drip(answers.get(answers.size() - 1), 30);
        });
        int length = 30 * FIRST.length();
        Random random = new Random(7);
        List<CompletableFuture<Void>> clients = IntStream.range(0, 100)
                .mapToObj(i -> {
                    int bytes = random.nextInt(length);
                    HttpRequest request = gateway.request(CHAT)
                            .POST(HttpRequest.BodyPublishers.ofString(BODY))
                            .build();
                    return gateway.http
                            .sendAsync(request, HttpResponse.BodyHandlers.ofInputStream())
                            .thenAcceptAsync(answer -> readQuietly(answer.body(), bytes));
                })
                .toList();
        clients.forEach(CompletableFuture::join);
        if (policy.equals("drain")) {
            await().until(() ->
                    gateway.meters.get("tokenmeter.gateway.drains").gauge().value() == 100);
            gateway.upstream.vertx().runOnContext(later -> answers.forEach(answer -> answer.end(LAST)));
        }
        await().until(() -> gateway.sink.events().size() >= 100);
        await().until(() ->
                gateway.meters.get("tokenmeter.gateway.active.requests").gauge().value() == 0);
        assertThat(gateway.sink.events())
                .hasSize(100)
                .extracting(UsageEvent::getEventId)
                .doesNotHaveDuplicates();
        UsageSource source = policy.equals("drain") ? UsageSource.provider : UsageSource.estimated;
        assertThat(gateway.sink.events())
                .allMatch(event -> event.getOutcome() == Outcome.client_aborted)
                .allMatch(event -> event.getUsageSource() == source)
                .allMatch(event -> event.getCostUsd().signum() > 0);
        assertThat(gateway.meters
                        .get("tokenmeter.gateway.estimates.kept")
                        .gauge()
                        .value())
                .isZero();
    }

    /** Sends so many events, one a millisecond. */
    private void drip(HttpServerResponse answer, int events) {
        if (events > 0 && !answer.closed() && !answer.ended()) {
            answer.write(FIRST);
            gateway.upstream.vertx().setTimer(1, later -> drip(answer, events - 1));
        }
    }

    private static void readQuietly(InputStream answer, int bytes) {
        try (answer) {
            answer.readNBytes(bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aResponseThatItsClientLeftIsChargedWhateverTierWasAskedFor() throws Exception {
        start();
        String all = Upstream.fixture("openai-responses-stream.sse").toString();
        String seen = all.substring(0, all.indexOf("event: response.completed"));
        gateway.upstream.answer(request -> stream(request, seen));
        readAndHangUp(
                "/openai/v1/responses",
                "{\"model\":\"gpt-5\",\"stream\":true,\"input\":\"xyzzy plugh\"}",
                seen.getBytes(StandardCharsets.UTF_8).length);
        UsageEvent event = gateway.event();
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.estimated);
        assertThat(event.getServiceTier()).isNull();
        assertThat(event.getTextOutputTokens()).isPositive();
        assertThat(event.getCostUsd()).isPositive();
    }

    @Test
    void aStreamThatEndsTooEarlyIsEstimatedAlsoWhenItEndsCleanly() throws Exception {
        start();
        String all = Upstream.fixture("anthropic-stream.sse").toString();
        String seen = all.substring(0, all.indexOf("event: message_delta")).replace("Grüße 🚀", TEXT);
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "text/event-stream")
                .end(seen));
        gateway.post("/anthropic/v1/messages", BODY);
        UsageEvent event = gateway.event();
        assertThat(event.getUsageSource()).isEqualTo(UsageSource.estimated);
        assertThat(event.getUncachedInputTokens()).isEqualTo(2095);
        assertThat(event.getTextOutputTokens()).isEqualTo(TOKENS);
    }
}
