package dev.tokenmeter.queryapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.queryapi.problem.Problem;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class WorkersTest {
    @Test
    void whatExceedsThreadsAndQueueIsRefusedWith503AndCounted() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        CountDownLatch release = new CountDownLatch(1);
        try (Workers workers = new Workers(1, 1, meters)) {
            Future<String> running = workers.submit(() -> {
                release.await();
                return "first";
            });
            Future<String> waiting = workers.submit(() -> "second");
            Future<String> refused = workers.submit(() -> "third");
            assertThat(refused.cause())
                    .isInstanceOfSatisfying(
                            Problem.Exception.class,
                            problem -> assertThat(problem.problem().status()).isEqualTo(503));
            assertThat(meters.get("tokenmeter.query.rejected").counter().count())
                    .isEqualTo(1);
            release.countDown();
            Awaitility.await().until(() -> running.succeeded() && waiting.succeeded());
        }
    }
}
