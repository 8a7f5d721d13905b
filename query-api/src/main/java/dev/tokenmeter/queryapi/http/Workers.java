package dev.tokenmeter.queryapi.http;

import dev.tokenmeter.queryapi.problem.Problem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A bounded number of threads for blocking work and a bounded queue before them; what exceeds both is refused. */
public final class Workers implements AutoCloseable {
    private final ThreadPoolExecutor threads;
    private final Counter rejected;

    /**
     * @param count threads
     * @param maxWaiting the most requests that wait for one
     */
    public Workers(int count, int maxWaiting, MeterRegistry meters) {
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(maxWaiting),
                task -> new Thread(task, "query-worker-" + number.incrementAndGet()));
        rejected = Counter.builder("tokenmeter.query.rejected")
                .description("Queries answered with a 503 because too many ran and waited")
                .register(meters);
        Gauge.builder(
                        "tokenmeter.query.waiting",
                        threads,
                        pool -> pool.getQueue().size())
                .description("Queries that wait for a worker")
                .register(meters);
        Gauge.builder("tokenmeter.query.running", threads, ThreadPoolExecutor::getActiveCount)
                .description("Queries that run")
                .register(meters);
    }

    /** Fails with a 503 problem at once when threads and queue are full. */
    <T> Future<T> submit(Callable<T> work) {
        Promise<T> promise = Promise.promise();
        try {
            threads.execute(() -> run(work, promise));
        } catch (RejectedExecutionException e) {
            rejected.increment();
            promise.fail(Problem.unavailable("Too many queries are running and waiting; try again later."));
        }
        return promise.future();
    }

    private static <T> void run(Callable<T> work, Promise<T> promise) {
        try {
            promise.complete(work.call());
        } catch (Exception | Error e) {
            promise.fail(e);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
