package dev.tokenmeter.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** What holds for any calls at any times. */
class RateLimitsProperties {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final AtomicLong nanos = new AtomicLong();
    private final RateLimits rateLimits = new RateLimits(new SimpleMeterRegistry(), new TimeMeter() {
        @Override
        public long currentTimeNanos() {
            return nanos.get();
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    });

    @Property(tries = 200)
    void noMinuteSeesMoreThanTwiceTheLimitAndTheAverageIsNeverAboveIt(
            @ForAll @Size(max = 200) List<@IntRange(max = 20_000) Integer> pausesMillis,
            @ForAll @IntRange(min = 1, max = 50) int limit) {
        Limits limits = new Limits("key", limit, null);
        Deque<Long> lastMinute = new ArrayDeque<>();
        long sum = 0;
        for (int millis : pausesMillis) {
            long now = nanos.addAndGet(Duration.ofMillis(millis).toNanos());
            if (rateLimits.take(limits, 0).isGranted()) {
                sum++;
                lastMinute.add(now);
            }
            lastMinute.removeIf(at -> at <= now - MINUTE);
            assertThat(lastMinute.size()).isLessThanOrEqualTo(2 * limit);
            assertThat((double) sum).isLessThanOrEqualTo(limit * (1 + (double) now / MINUTE) + 1e-6);
        }
    }

    /** Each step takes tokens and then says that it used others. */
    @Property(tries = 200)
    void tokensUsedAreNeverMoreThanTheMinutesLetThroughAndWhatTheLastCallOwes(
            @ForAll @Size(max = 100) List<@IntRange(max = 5_000) Integer> wanted,
            @ForAll @IntRange(min = 1, max = 20_000) int limit) {
        Limits limits = new Limits("key", null, (long) limit);
        long used = 0;
        for (int tokens : wanted) {
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            Grant grant = rateLimits.take(limits, Math.max(1, tokens));
            if (grant.isGranted()) {
                long really = grant.reservedTokens() / 2 + 1;
                rateLimits.settle(limits, grant.reservedTokens(), really);
                used += really;
            }
            assertThat((double) used).isLessThanOrEqualTo(limit * (1 + (double) nanos.get() / MINUTE) + 2);
        }
    }
}
