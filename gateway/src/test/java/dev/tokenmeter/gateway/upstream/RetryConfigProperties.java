package dev.tokenmeter.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class RetryConfigProperties {
    @Property
    void aBackOffDoublesUpToItsBoundAndLeavesHalfToChance(
            @ForAll @IntRange(min = 0, max = 10_000) int min,
            @ForAll @IntRange(min = 0, max = 60_000) int max,
            @ForAll @IntRange(min = 1, max = 20) int made,
            @ForAll long seed) {
        RetryConfig config =
                new RetryConfig(20, Set.of(), Duration.ofMillis(min), Duration.ofMillis(max), Duration.ZERO);
        long whole = Math.min(max, (long) min * (1L << (made - 1)));
        assertThat(config.backOff(made, new Random(seed))).isBetween(whole / 2, whole);
    }
}
