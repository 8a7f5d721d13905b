package dev.tokenmeter.benchmarks.freshness;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The same call at a fixed rate, whether or not the ones before have been answered. */
final class SteadyCalls implements AutoCloseable {
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "steady-calls");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicLong made = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final HttpClient http;
    private final Supplier<HttpRequest> call;
    private final int perSecond;

    SteadyCalls(HttpClient http, Supplier<HttpRequest> call, int perSecond) {
        this.http = http;
        this.call = call;
        this.perSecond = perSecond;
    }

    void start() {
        if (perSecond == 0) {
            return;
        }
        HttpRequest request = call.get();
        long period = TimeUnit.SECONDS.toNanos(1) / perSecond;
        clock.scheduleAtFixedRate(
                () -> {
                    made.incrementAndGet();
                    http.sendAsync(request, HttpResponse.BodyHandlers.discarding())
                            .whenComplete((answer, failure) -> {
                                if (failure != null || answer.statusCode() != 200) {
                                    failed.incrementAndGet();
                                }
                            });
                },
                0,
                period,
                TimeUnit.NANOSECONDS);
    }

    long made() {
        return made.get();
    }

    long failed() {
        return failed.get();
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
