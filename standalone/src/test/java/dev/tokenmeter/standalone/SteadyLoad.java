package dev.tokenmeter.standalone;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls a gateway: at a fixed rate, whether it keeps up or not, with latency counted from when a call was due; or as fast
 * as a few callers can. Every other call is a stream, and every other pair comes with a virtual key. Notes the provider's
 * id of each answer.
 */
final class SteadyLoad {
    private static final int CALLERS = 16;
    private static final String CALL =
            "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]%s}";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI uri;
    private final String virtualKey;
    private final AtomicLong made = new AtomicLong();
    private final Set<String> answered = ConcurrentHashMap.newKeySet();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    /** @param virtualKey a key of the gateway's own */
    SteadyLoad(URI uri, String virtualKey) {
        this.uri = uri;
        this.virtualKey = virtualKey;
    }

    /**
     * What a stretch of time showed.
     *
     * @param perSecond answers
     * @param p50 of their latency, ms; p99 likewise
     */
    record Figures(int calls, double perSecond, double p50, double p99, double max) {
        static Figures of(long[] nanos, long elapsedNanos) {
            Arrays.sort(nanos);
            return new Figures(
                    nanos.length,
                    nanos.length * 1e9 / elapsedNanos,
                    at(nanos, 0.5),
                    at(nanos, 0.99),
                    nanos[nanos.length - 1] / 1e6);
        }

        private static double at(long[] sorted, double quantile) {
            return sorted[(int) Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] / 1e6;
        }

        @Override
        public String toString() {
            return "%d calls, %.0f a second, p50 %.1f ms, p99 %.1f ms, max %.1f ms"
                    .formatted(calls, perSecond, p50, p99, max);
        }
    }

    /** So many calls a second for so long, due at even distances. */
    Figures steady(int perSecond, Duration time) {
        int calls = Math.toIntExact(time.toMillis() * perSecond / 1000);
        long distance = 1_000_000_000L / perSecond;
        long[] latencies = new long[calls];
        CompletableFuture<?>[] all = new CompletableFuture<?>[calls];
        long begin = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            long due = begin + i * distance;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            int index = i;
            all[i] = call().thenRun(() -> latencies[index] = System.nanoTime() - due);
        }
        CompletableFuture.allOf(all).join();
        return Figures.of(latencies, System.nanoTime() - begin);
    }

    /** As fast as it goes, each caller waiting for its answer. */
    Figures flatOut(Duration time) {
        Queue<Long> latencies = new ConcurrentLinkedQueue<>();
        long begin = System.nanoTime();
        CompletableFuture<?>[] callers = new CompletableFuture<?>[CALLERS];
        Arrays.setAll(callers, i -> again(begin + time.toNanos(), latencies));
        CompletableFuture.allOf(callers).join();
        return Figures.of(latencies.stream().mapToLong(Long::longValue).toArray(), System.nanoTime() - begin);
    }

    private CompletableFuture<Void> again(long end, Queue<Long> latencies) {
        long sent = System.nanoTime();
        if (sent >= end) {
            return CompletableFuture.completedFuture(null);
        }
        return call().thenComposeAsync(done -> {
            latencies.add(System.nanoTime() - sent);
            return again(end, latencies);
        });
    }

    private CompletableFuture<Void> call() {
        long number = made.getAndIncrement();
        boolean streamed = number % 2 == 0;
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(30))
                .header("authorization", "Bearer " + (number % 4 < 2 ? virtualKey : "own-key"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(CALL.formatted(streamed ? ",\"stream\":true" : "")))
                .build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).handle((answer, failure) -> {
            note(streamed, answer, failure);
            return null;
        });
    }

    private void note(boolean streamed, HttpResponse<String> answer, Throwable failure) {
        if (failure != null) {
            failures.add(failure.toString());
        } else if (answer.statusCode() != 200 || !answer.body().endsWith(streamed ? "data: [DONE]\n\n" : "}")) {
            failures.add(answer.statusCode() + " " + answer.body());
        } else if (!answered.add(answer.headers().firstValue("x-request-id").orElse("none"))) {
            failures.add("an answer came twice");
        }
    }

    /** The provider's ids of all answers. */
    Set<String> answered() {
        return answered;
    }

    /** What went wrong; empty when nothing did. */
    Queue<String> failures() {
        return failures;
    }
}
