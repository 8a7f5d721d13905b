package dev.tokenmeter.queryapi.reprice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.storage.query.EventFilter;
import dev.tokenmeter.storage.query.TimeRange;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class RepriceJobsTest {
    private static final Instant FROM = Instant.parse("2026-11-20T00:00:00Z");
    private static final Repricing ASKED = new Repricing(
            new EventFilter(new TimeRange(FROM, FROM.plusSeconds(1)), Map.of(), false), true, "somebody", "");

    @Test
    void howeverManyPeopleAskForThereIsAPlaceForWhatIsPricedByItself() {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        Runnable block = () -> {
            begun.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw Problem.unavailable("no store in this test");
        };
        try (RepriceJobs jobs =
                new RepriceJobs(new Repricer(null, null, () -> null, block, Clock.systemUTC()), Clock.systemUTC())) {
            jobs.start(ASKED);
            await().atMost(Duration.ofSeconds(30)).until(() -> begun.getCount() == 0);
            for (int i = 0; i < 16; i++) {
                jobs.start(ASKED);
            }
            assertThatThrownBy(() -> jobs.start(ASKED))
                    .isInstanceOf(Problem.Exception.class)
                    .hasMessageContaining("Too many");
            RepriceJobs.Started own = jobs.startOwn(ASKED);
            go.countDown();
            await().atMost(Duration.ofSeconds(30)).until(() -> own.end().isDone());
            assertThat(own.job().progress().failure()).contains("no store");
        }
    }
}
