package dev.tokenmeter.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private long now;
    private final Breaker breaker = new Breaker(
            "test", new BreakerConfig(true, 50, 4, Duration.ofSeconds(10), Duration.ofSeconds(5)), () -> now);

    private void after(int seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
    }

    private void open() {
        for (int i = 0; i < 4; i++) {
            breaker.failed();
        }
        assertThat(breaker.state()).isEqualTo(Breaker.State.OPEN);
    }

    @Test
    void itOpensAtTheShareOfFailuresAndNotBeforeEnoughCalls() {
        breaker.failed();
        breaker.failed();
        breaker.failed();
        assertThat(breaker.tryPass()).isTrue();
        breaker.succeeded();
        assertThat(breaker.tryPass()).isTrue();
        breaker.failed();
        assertThat(breaker.tryPass()).isFalse();
        assertThat(breaker.allows()).isFalse();
    }

    @Test
    void halfOfManyCallsMayNotQuiteFail() {
        for (int i = 0; i < 100; i++) {
            breaker.succeeded();
            breaker.succeeded();
            breaker.failed();
        }
        assertThat(breaker.state()).isEqualTo(Breaker.State.CLOSED);
    }

    @Test
    void oldFailuresAreForgotten() {
        breaker.failed();
        breaker.failed();
        breaker.failed();
        after(11);
        breaker.failed();
        assertThat(breaker.state()).isEqualTo(Breaker.State.CLOSED);
    }

    @Test
    void afterARestOneCallTriesAndTheOthersWait() {
        open();
        after(4);
        assertThat(breaker.tryPass()).isFalse();
        assertThat(breaker.nanosToTrial()).isEqualTo(TimeUnit.SECONDS.toNanos(1));
        after(1);
        assertThat(breaker.tryPass()).isTrue();
        assertThat(breaker.state()).isEqualTo(Breaker.State.HALF_OPEN);
        assertThat(breaker.tryPass()).isFalse();
    }

    @Test
    void aTrialThatIsAnsweredBringsItBackWithACleanSlate() {
        open();
        after(5);
        assertThat(breaker.tryPass()).isTrue();
        breaker.succeeded();
        assertThat(breaker.state()).isEqualTo(Breaker.State.CLOSED);
        breaker.failed();
        assertThat(breaker.tryPass()).isTrue();
    }

    @Test
    void aTrialThatFailsRenewsTheRest() {
        open();
        after(5);
        assertThat(breaker.tryPass()).isTrue();
        after(3);
        breaker.failed();
        after(4);
        assertThat(breaker.tryPass()).isFalse();
        after(1);
        assertThat(breaker.tryPass()).isTrue();
    }

    @Test
    void aTrialThatNeverEndsIsFollowedByAnother() {
        open();
        after(5);
        assertThat(breaker.tryPass()).isTrue();
        after(5);
        assertThat(breaker.tryPass()).isTrue();
        assertThat(breaker.tryPass()).isFalse();
    }

    @Test
    void callsThatWereUnderWayWhenItOpenedDoNotCloseIt() {
        open();
        breaker.succeeded();
        assertThat(breaker.state()).isEqualTo(Breaker.State.OPEN);
    }
}
