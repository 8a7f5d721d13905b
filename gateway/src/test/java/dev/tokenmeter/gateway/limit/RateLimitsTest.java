package dev.tokenmeter.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a key may use in a minute, by a clock of the test's. */
class RateLimitsTest {
    private final AtomicLong nanos = new AtomicLong();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final RateLimits rateLimits = new RateLimits(meters, new TimeMeter() {
        @Override
        public long currentTimeNanos() {
            return nanos.get();
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    });

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private static Limits requests(String key, int perMinute) {
        return new Limits(key, perMinute, null);
    }

    private static Limits tokens(long perMinute) {
        return new Limits("key", null, perMinute);
    }

    @Test
    void aMinutesWorthGoesOutAtOnceAndThenAsManyAsTheMinuteLetsThrough() {
        Limits limits = requests("key", 6);
        for (int i = 5; i >= 0; i--) {
            Grant grant = rateLimits.take(limits, 0);
            assertThat(grant.isGranted()).isTrue();
            assertThat(grant.levels().get(0).remaining()).isEqualTo(i);
        }
        Grant refused = rateLimits.take(limits, 0);
        assertThat(refused.exhausted().kind()).isEqualTo(Level.Kind.REQUESTS);
        assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(10));
        assertThat(refused.levels().get(0).untilFull()).isEqualTo(Duration.ofMinutes(1));
        pass(Duration.ofSeconds(10));
        assertThat(rateLimits.take(limits, 0).isGranted()).isTrue();
        assertThat(rateLimits.take(limits, 0).isGranted()).isFalse();
        assertThat(meters.get("tokenmeter.gateway.rate.limited.requests")
                        .tag("limit", "requests")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    @Test
    void keysDoNotTouchEachOther() {
        assertThat(rateLimits.take(requests("a", 1), 0).isGranted()).isTrue();
        assertThat(rateLimits.take(requests("a", 1), 0).isGranted()).isFalse();
        assertThat(rateLimits.take(requests("b", 1), 0).isGranted()).isTrue();
    }

    @Test
    void whatWasReservedAndNotUsedComesBackAndWhatWasUsedBeyondIsOwed() {
        assertThat(rateLimits.take(tokens(100), 80).reservedTokens()).isEqualTo(80);
        assertThat(rateLimits.take(tokens(100), 80).isGranted()).isFalse();
        rateLimits.settle(tokens(100), 80, 10);
        assertThat(rateLimits.take(tokens(100), 90).isGranted()).isTrue();
        rateLimits.settle(tokens(100), 90, 150);
        Grant refused = rateLimits.take(tokens(100), 1);
        assertThat(refused.exhausted().kind()).isEqualTo(Level.Kind.TOKENS);
        assertThat(refused.exhausted().remaining()).isZero();
        pass(Duration.ofSeconds(36)); // 60 owed
        assertThat(rateLimits.take(tokens(100), 1).isGranted()).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(rateLimits.take(tokens(100), 1).isGranted()).isTrue();
    }

    @Test
    void aDebtIsNeverMoreThanAMinutesWorth() {
        rateLimits.take(tokens(100), 1);
        rateLimits.settle(tokens(100), 1, 1_000_000);
        rateLimits.settle(tokens(100), 0, 1_000_000);
        pass(Duration.ofSeconds(61));
        assertThat(rateLimits.take(tokens(100), 1).isGranted()).isTrue();
    }

    @Test
    void aCallThatMayUseMoreThanTheLimitWaitsForAFullBucketAndNotForEver() {
        assertThat(rateLimits.take(tokens(100), 5000).reservedTokens()).isEqualTo(100);
        assertThat(rateLimits.take(tokens(100), 5000).retryAfter()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void aCallThatTheTokensForbidDoesNotCountAsARequest() {
        Limits both = new Limits("key", 2, 10L);
        assertThat(rateLimits.take(both, 10).isGranted()).isTrue();
        assertThat(rateLimits.take(both, 10).exhausted().kind()).isEqualTo(Level.Kind.TOKENS);
        assertThat(rateLimits.take(both, 0).isGranted()).isTrue();
        assertThat(rateLimits.take(both, 0).exhausted().kind()).isEqualTo(Level.Kind.REQUESTS);
    }

    @Test
    void changedLimitsHoldAtOnce() {
        assertThat(rateLimits.take(requests("key", 1), 0).isGranted()).isTrue();
        assertThat(rateLimits.take(requests("key", 2), 0).isGranted()).isTrue();
        assertThat(rateLimits.take(requests("key", 2), 0).isGranted()).isTrue();
        assertThat(rateLimits.take(requests("key", 2), 0).isGranted()).isFalse();
    }

    @Test
    void keysThatAreNotUsedTakeNoMemory() {
        for (int i = 0; i < 1000; i++) {
            rateLimits.take(requests("key" + i, 10), 0);
        }
        pass(Duration.ofMinutes(2));
        rateLimits.take(requests("still used", 10), 0);
        assertThat(held()).isEqualTo(1001);
        pass(Duration.ofMinutes(2));
        rateLimits.take(requests("still used", 10), 0);
        assertThat(held()).isEqualTo(1);
    }

    private double held() {
        return meters.get("tokenmeter.gateway.rate.limited.keys").gauge().value();
    }

    @Test
    void manyThreadsGetNoMoreThanTheLimit() throws Exception {
        AtomicInteger granted = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(8);
        for (int i = 0; i < 8; i++) {
            new Thread(() -> {
                        for (int j = 0; j < 500; j++) {
                            if (rateLimits
                                    .take(new Limits("key", 1000, 7000L), 10)
                                    .isGranted()) {
                                granted.incrementAndGet();
                            }
                        }
                        done.countDown();
                    })
                    .start();
        }
        done.await();
        assertThat(granted).hasValue(700);
    }

    @Test
    void headersSayItAsTheProvidersDo() {
        List<Level> levels = List.of(
                new Level(Level.Kind.REQUESTS, 60, 59, Duration.ofMillis(850)),
                new Level(Level.Kind.TOKENS, 150_000, 149_984, Duration.ofMillis(359_001)));
        assertThat(LimitHeaders.openAi(levels))
                .isEqualTo(Map.of(
                        "x-ratelimit-limit-requests", "60",
                        "x-ratelimit-remaining-requests", "59",
                        "x-ratelimit-reset-requests", "850ms",
                        "x-ratelimit-limit-tokens", "150000",
                        "x-ratelimit-remaining-tokens", "149984",
                        "x-ratelimit-reset-tokens", "6m0s"));
        assertThat(LimitHeaders.anthropic(levels, Instant.parse("2026-11-24T10:00:00.5Z")))
                .containsEntry("anthropic-ratelimit-requests-limit", "60")
                .containsEntry("anthropic-ratelimit-requests-reset", "2026-11-24T10:00:01Z")
                .containsEntry("anthropic-ratelimit-tokens-remaining", "149984")
                .containsEntry("anthropic-ratelimit-tokens-reset", "2026-11-24T10:06:00Z");
    }
}
