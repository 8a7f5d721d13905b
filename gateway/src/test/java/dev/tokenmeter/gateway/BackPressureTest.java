package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.schemas.Outcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackPressureTest {
    private static final long TOTAL = 256L << 20;

    private final AtomicLong sent = new AtomicLong();
    private final Buffer event =
            Buffer.buffer("data: {\"choices\":[{\"delta\":{\"content\":\"" + "x".repeat(16_000) + "\"}}]}\n\n");

    @Test
    void aClientThatReadsNothingHoldsTheProviderBack(@TempDir Path dir) throws Exception {
        try (TestGateway gateway = new TestGateway(dir)) {
            gateway.upstream.answer(request -> {
                request.response()
                        .putHeader("content-type", "text/event-stream")
                        .setChunked(true);
                pump(request);
            });
            HttpRequest request = gateway.request("/openai/v1/chat/completions")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"m\",\"stream\":true}"))
                    .build();
            InputStream body = gateway.http
                    .send(request, HttpResponse.BodyHandlers.ofInputStream())
                    .body();
            await().pollInterval(java.time.Duration.ofMillis(500))
                    .atMost(20, TimeUnit.SECONDS)
                    .until(this::hasStalled);
            assertThat(sent.get()).as("bytes on their way while nobody reads").isLessThan(48L << 20);

            body.skipNBytes(64L << 20);
            assertThat(sent.get()).isGreaterThan(64L << 20);
            body.close();
            assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.client_aborted);
        }
    }

    @Test
    void callsUnderWayEndBeforeAStop(@TempDir Path dir) throws Exception {
        TestGateway gateway = new TestGateway(dir, "gateway.drain-timeout", "10s");
        try (gateway) {
            gateway.upstream.answer(request -> {
                request.response()
                        .putHeader("content-type", "text/event-stream")
                        .setChunked(true);
                request.response().write("data: {\"model\":\"m\"}\n\n");
                gateway.upstream
                        .vertx()
                        .setTimer(
                                800,
                                later -> gateway.upstream
                                        .vertx()
                                        .runOnContext(x -> request.response()
                                                .end(Upstream.fixture("compatible-usage-on-finish.sse"))));
            });
            HttpRequest request = gateway.request("/openai/v1/chat/completions")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"m\",\"stream\":true}"))
                    .build();
            var answer = gateway.http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
            await().until(() -> !gateway.upstream.seen.isEmpty());
            gateway.service.close();
            assertThat(answer.get(5, TimeUnit.SECONDS).body()).endsWith("data: [DONE]\n");
            assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.completed);
        }
    }

    private long before = -1;

    private boolean hasStalled() {
        boolean stalled = before == sent.get() && before > 0;
        before = sent.get();
        return stalled;
    }

    private void pump(HttpServerRequest request) {
        while (!request.response().writeQueueFull() && !request.response().closed() && sent.get() < TOTAL) {
            sent.addAndGet(event.length());
            request.response().write(event);
        }
        if (!request.response().closed() && sent.get() < TOTAL) {
            request.response().drainHandler(drained -> pump(request));
        }
    }
}
