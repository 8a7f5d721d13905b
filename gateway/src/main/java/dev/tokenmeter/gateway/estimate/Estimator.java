package dev.tokenmeter.gateway.estimate;

import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.dialect.UsageReading;
import dev.tokenmeter.schemas.UsageSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills in what a provider never said of a call's usage. Counting is for a few threads of its own and takes a bounded time;
 * a call that finds no room there, or waits too long, is estimated by its bytes. Safe for use by several event loops.
 */
public final class Estimator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Estimator.class);
    private static final long IDLE_SECONDS = 30;

    private final EstimateConfig config;
    private final KeptBytes memory;
    private final TokenCounter tokens = new TokenCounter();
    private final ThreadPoolExecutor workers;
    private final EstimateMetrics metrics;

    /** Starts no thread before there is something to count. */
    public Estimator(EstimateConfig config, MeterRegistry meters) {
        this(config, meters, workers(config));
    }

    /** For tests that keep the workers busy. */
    Estimator(EstimateConfig config, MeterRegistry meters, ThreadPoolExecutor workers) {
        this.config = config;
        this.memory = new KeptBytes(config.maxBytes());
        this.workers = workers;
        this.metrics = new EstimateMetrics(meters, () -> workers.getQueue().size(), memory::taken);
    }

    private static ThreadPoolExecutor workers(EstimateConfig config) {
        ThreadPoolExecutor workers = new ThreadPoolExecutor(
                config.workers(),
                config.workers(),
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(config.maxQueued()),
                job -> new Thread(job, "estimates"));
        workers.allowCoreThreadTimeOut(true);
        return workers;
    }

    /** A recording of a call's request; it keeps nothing of one that would not be estimated, or is free (null). */
    public Recording ofRequest(Operation operation) {
        return new Recording(memory, EndedCall.isEstimable(operation) ? config.maxBytesPerCall() : 0);
    }

    /** A recording of a call's answer; it keeps nothing of one that holds no text of a model. */
    public Recording ofAnswer(Operation operation) {
        boolean holdsText = EndedCall.isEstimable(operation) && operation != Operation.EMBEDDINGS;
        return new Recording(memory, holdsText ? config.maxBytesPerCall() : 0);
    }

    /**
     * The call's usage, estimated where it must be.
     *
     * @param request of what was sent
     * @param answer of what came back; null when none came, or none that can be read
     * @return completes on the context, or at once; it never fails
     */
    public Future<UsageReading> complete(EndedCall call, Recording request, Recording answer, Context context) {
        if (call.usedNothing()) {
            return Future.succeededFuture(call.reading().estimated(Map.of()));
        }
        Kept asked = request.kept();
        boolean unreadable = asked.total() == 0 || call.httpStatus() != null && answer == null;
        if (unreadable || !call.lacksUsage()) {
            return Future.succeededFuture(call.reading());
        }
        Kept answered = answer == null ? Kept.NOTHING : answer.kept();
        return Future.fromCompletionStage(count(call, asked, answered), context).map(count -> fillIn(call, count));
    }

    private UsageReading fillIn(EndedCall call, Count count) {
        if (call.operation() == Operation.OTHER && !count.sawText()) {
            return call.reading(); // it may bill something else
        }
        UsageReading filled = count.fillIn(call.reading());
        if (filled.source() == UsageSource.estimated) {
            metrics.estimated(count.method());
        }
        return filled;
    }

    private CompletableFuture<Count> count(EndedCall call, Kept request, Kept answer) {
        Count rough = RoughCount.of(call, request, answer);
        CompletableFuture<Count> counted = new CompletableFuture<>();
        try {
            workers.execute(() -> {
                if (!counted.isDone()) {
                    counted.complete(countOr(rough, call, request, answer));
                }
            });
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(rough);
        }
        return counted.completeOnTimeout(rough, config.maxWait().toMillis(), TimeUnit.MILLISECONDS);
    }

    private Count countOr(Count rough, EndedCall call, Kept request, Kept answer) {
        try {
            return CallText.of(call, request, answer)
                    .map(text -> text.count(tokens))
                    .orElse(rough);
        } catch (RuntimeException | StackOverflowError e) {
            LOG.warn(
                    "a call to {} could not be counted: {}",
                    call.model(),
                    e.getClass().getName()); // no message: it may quote
            metrics.failed();
            return rough;
        }
    }

    /** Counts what is queued, and takes nothing more. Blocks, no longer than a call waits. */
    @Override
    public void close() {
        workers.shutdown();
        try {
            if (!workers.awaitTermination(config.maxWait().toMillis(), TimeUnit.MILLISECONDS)) {
                workers.shutdownNow();
            }
        } catch (InterruptedException e) {
            workers.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
