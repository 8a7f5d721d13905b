package dev.tokenmeter.gateway.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.dialect.UsageReading;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EstimatorTest {
    private static final EstimateConfig CONFIG = new EstimateConfig(1, 1, Duration.ofSeconds(20), 1 << 16, 1 << 20);
    private static final String REQUEST = "{\"prompt\":\"The quick brown fox\"}";
    private static final String ANSWER = "{\"choices\":[{\"text\":\" jumps over the lazy dog\"}]}";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static EndedCall call(Operation operation, Integer status, Outcome outcome, UsageReading reading) {
        return new EndedCall(operation, outcome, true, status, false, "gpt-4o", reading);
    }

    private static UsageReading said(UsageSource source, Map<TokenKind, Long> tokens, boolean error) {
        return new UsageReading("gpt-4o", null, tokens, Map.of(), null, null, source, error);
    }

    private UsageReading estimate(Estimator estimator, EndedCall call, String request, String answer) {
        Recording asked = estimator.ofRequest(call.operation());
        asked.add(Buffer.buffer(request));
        Recording answered = answer == null ? null : estimator.ofAnswer(call.operation());
        if (answered != null) {
            answered.add(Buffer.buffer(answer));
        }
        UsageReading reading = estimator
                .complete(call, asked, answered, vertx.getOrCreateContext())
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        asked.forget();
        if (answered != null) {
            answered.forget();
        }
        assertThat(meters.get("tokenmeter.gateway.estimates.kept").gauge().value())
                .isZero();
        return reading;
    }

    private UsageReading estimate(EndedCall call) {
        try (Estimator estimator = new Estimator(CONFIG, meters)) {
            return estimate(estimator, call, REQUEST, call.httpStatus() == null ? null : ANSWER);
        }
    }

    private double estimates(String method) {
        return meters.get("tokenmeter.gateway.estimates")
                .tag("method", method)
                .counter()
                .count();
    }

    @Test
    void aCompleteAnswerWithoutUsageIsCountedAndMarked() {
        UsageReading reading = estimate(call(Operation.COMPLETIONS, 200, Outcome.completed, UsageReading.NOTHING));
        assertThat(reading.source()).isEqualTo(UsageSource.estimated);
        assertThat(reading.tokens(TokenKind.UNCACHED_INPUT)).isEqualTo(4);
        assertThat(reading.tokens(TokenKind.TEXT_OUTPUT)).isEqualTo(5);
        assertThat(estimates("tokenizer")).isEqualTo(1);
    }

    @Test
    void whatTheProviderSaidIsNeverEstimated() {
        UsageReading said = said(UsageSource.provider, Map.of(TokenKind.TEXT_OUTPUT, 1L), false);
        assertThat(estimate(call(Operation.COMPLETIONS, 200, Outcome.client_aborted, said)))
                .isSameAs(said);
        assertThat(estimates("tokenizer")).isZero();
    }

    @Test
    void theProvidersInputIsKeptWhereOnlyItsOutputIsMissing() {
        UsageReading said =
                said(UsageSource.partial, Map.of(TokenKind.CACHE_READ_INPUT, 900L, TokenKind.TEXT_OUTPUT, 1L), false);
        UsageReading reading = estimate(call(Operation.MESSAGES, 200, Outcome.client_aborted, said));
        assertThat(reading.source()).isEqualTo(UsageSource.estimated);
        assertThat(reading.tokens(TokenKind.CACHE_READ_INPUT)).isEqualTo(900);
        assertThat(reading.tokens(TokenKind.UNCACHED_INPUT)).isZero();
        assertThat(reading.tokens(TokenKind.TEXT_OUTPUT)).isEqualTo(5);
    }

    @Test
    void anInputOfNoTokensIsNoCount() {
        UsageReading said = said(UsageSource.partial, Map.of(TokenKind.TEXT_OUTPUT, 1L), false);
        UsageReading reading = estimate(call(Operation.MESSAGES, 200, Outcome.client_aborted, said));
        assertThat(reading.tokens(TokenKind.UNCACHED_INPUT)).isEqualTo(4);
    }

    @Test
    void partialFiguresStayThatWhenNothingCameAfterThem() {
        UsageReading said = said(UsageSource.partial, Map.of(TokenKind.UNCACHED_INPUT, 900L), false);
        try (Estimator estimator = new Estimator(CONFIG, meters)) {
            EndedCall call = call(Operation.MESSAGES, 200, Outcome.client_aborted, said);
            assertThat(estimate(estimator, call, REQUEST, "{}")).isEqualTo(said);
        }
    }

    @Test
    void embeddingsHaveNoOutput() {
        try (Estimator estimator = new Estimator(CONFIG, meters)) {
            EndedCall call = call(Operation.EMBEDDINGS, 200, Outcome.completed, UsageReading.NOTHING);
            UsageReading reading = estimate(estimator, call, "{\"input\":\"The quick\"}", ANSWER);
            assertThat(reading.tokens(TokenKind.UNCACHED_INPUT)).isEqualTo(2);
            assertThat(reading.tokens(TokenKind.TEXT_OUTPUT)).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "400,upstream_error",
        "429,upstream_error",
        "500,upstream_error",
        "503,completed",
        "304,completed",
        ",upstream_error",
        ",blocked"
    })
    void aFailedCallIsNotEstimated(Integer status, Outcome outcome) {
        UsageReading reading = estimate(call(Operation.CHAT, status, outcome, UsageReading.NOTHING));
        assertThat(reading).isSameAs(UsageReading.NOTHING);
    }

    @Test
    void anErrorInsteadOfAnAnswerIsNotEstimatedButOneAfterSomeOfItIs() {
        UsageReading failed = said(UsageSource.none, Map.of(), true);
        try (Estimator estimator = new Estimator(CONFIG, meters)) {
            EndedCall call = call(Operation.CHAT, 200, Outcome.upstream_error, failed);
            assertThat(estimate(estimator, call, REQUEST, "{\"error\":{\"message\":\"sorry\"}}"))
                    .isEqualTo(failed);
            assertThat(estimate(estimator, call, REQUEST, ANSWER).source()).isEqualTo(UsageSource.estimated);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IMAGES", "AUDIO", "MODERATION", "RERANK"})
    void whatIsNotBilledByTextIsNotEstimated(Operation operation) {
        assertThat(estimate(call(operation, 200, Outcome.completed, UsageReading.NOTHING)))
                .isSameAs(UsageReading.NOTHING);
    }

    @Test
    void whatNobodyKnowsIsEstimatedOnlyIfAModelsTextIsSeen() {
        EndedCall call = call(Operation.OTHER, 200, Outcome.completed, UsageReading.NOTHING);
        try (Estimator estimator = new Estimator(CONFIG, meters)) {
            assertThat(estimate(estimator, call, REQUEST, "{\"id\":\"job_1\",\"status\":\"queued\"}"))
                    .isSameAs(UsageReading.NOTHING);
            assertThat(estimate(estimator, call, REQUEST, ANSWER).source()).isEqualTo(UsageSource.estimated);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"client_aborted", "timeout"})
    void aCallThatWasGivenUpBeforeItsAnswerUsedItsInputAndOneThatNeverWentOutUsedNothing(Outcome outcome) {
        EndedCall sent = call(Operation.COMPLETIONS, null, outcome, UsageReading.NOTHING);
        assertThat(estimate(sent).tokens(TokenKind.UNCACHED_INPUT)).isEqualTo(4);
        EndedCall unsent = new EndedCall(Operation.CHAT, outcome, false, null, false, "gpt-4o", UsageReading.NOTHING);
        UsageReading reading = estimate(unsent);
        assertThat(reading.source()).isEqualTo(UsageSource.estimated);
        assertThat(reading.tokens()).isEmpty();
    }

    @Test
    void withNoRoomInTheQueueBytesAreCountedInsteadAndThatIsTold() {
        CountDownLatch busy = new CountDownLatch(1);
        ThreadPoolExecutor workers = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1));
        for (int i = 0; i < 2; i++) {
            workers.execute(() -> awaitQuietly(busy));
        }
        try (Estimator estimator = new Estimator(CONFIG, meters, workers)) {
            assertThat(meters.get("tokenmeter.gateway.estimates.queued").gauge().value())
                    .isEqualTo(1);
            EndedCall call = call(Operation.COMPLETIONS, 200, Outcome.completed, UsageReading.NOTHING);
            UsageReading reading = estimate(estimator, call, REQUEST, ANSWER);
            assertThat(reading.source()).isEqualTo(UsageSource.estimated);
            assertThat(reading.tokens(TokenKind.UNCACHED_INPUT)).isEqualTo((REQUEST.length() + 3) / 4);
            assertThat(estimates("heuristic")).isEqualTo(1);
            busy.countDown();
        }
    }

    @Test
    void aCallWaitsForItsCountOnlySoLong() {
        CountDownLatch busy = new CountDownLatch(1);
        ThreadPoolExecutor workers = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1));
        workers.execute(() -> awaitQuietly(busy));
        EstimateConfig impatient = new EstimateConfig(1, 1, Duration.ofMillis(1), 1 << 16, 1 << 20);
        try (Estimator estimator = new Estimator(impatient, meters, workers)) {
            EndedCall call = call(Operation.COMPLETIONS, 200, Outcome.completed, UsageReading.NOTHING);
            assertThat(estimate(estimator, call, REQUEST, ANSWER).source()).isEqualTo(UsageSource.estimated);
            assertThat(estimates("heuristic")).isEqualTo(1);
            busy.countDown();
            await().until(() -> workers.getQueue().isEmpty());
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void beyondTheBoundOfACallTheRestIsTakenToBeLikeTheBeginning() {
        EstimateConfig small = new EstimateConfig(1, 1, Duration.ofSeconds(20), 1000, 1 << 20);
        String request = "{\"prompt\":\"" + "fox ".repeat(5000) + "\"}";
        try (Estimator estimator = new Estimator(small, meters)) {
            EndedCall call = call(Operation.COMPLETIONS, 200, Outcome.completed, UsageReading.NOTHING);
            assertThat(estimate(estimator, call, request, ANSWER).tokens(TokenKind.UNCACHED_INPUT))
                    .isBetween(4800L, 5200L);
            assertThat(estimates("extrapolated")).isEqualTo(1);
        }
    }

    @Test
    void whereAllCallsTogetherHaveNoMemoryLeftBytesAreCounted() {
        EstimateConfig none = new EstimateConfig(1, 1, Duration.ofSeconds(20), 1 << 16, 0);
        try (Estimator estimator = new Estimator(none, meters)) {
            EndedCall call = call(Operation.COMPLETIONS, 200, Outcome.completed, UsageReading.NOTHING);
            assertThat(estimate(estimator, call, REQUEST, ANSWER).source()).isEqualTo(UsageSource.estimated);
            assertThat(estimates("heuristic")).isEqualTo(1);
        }
    }

    @Test
    void theStatedCostAndUnitsOfAPartialReadingAreKept() {
        UsageReading said = new UsageReading(
                "m",
                "flex",
                Map.of(),
                Map.of("searches", BigDecimal.ONE),
                "{}",
                BigDecimal.TEN,
                UsageSource.partial,
                false);
        UsageReading reading = estimate(call(Operation.CHAT, 200, Outcome.timeout, said));
        assertThat(reading.units()).containsKey("searches");
        assertThat(reading.serviceTier()).isEqualTo("flex");
        assertThat(reading.rawUsage()).isEqualTo("{}");
    }
}
