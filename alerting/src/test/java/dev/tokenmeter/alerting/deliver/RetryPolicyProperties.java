package dev.tokenmeter.alerting.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class RetryPolicyProperties {
    private final RetryPolicy policy =
            new RetryPolicy(Duration.ofDays(1), Duration.ofSeconds(1), Duration.ofMinutes(5));

    @Property
    void aPauseGrowsToItsBoundAndIsHalfChance(
            @ForAll @IntRange(min = 1, max = 10_000) int failures, @ForAll long seed) {
        Duration pause = policy.pause(failures, Optional.empty(), new Random(seed));
        long full = failures > 9 ? 300_000 : Math.min(300_000, 1000L << (failures - 1));
        assertThat(pause.toMillis()).isBetween(full / 2, full);
    }

    @Property
    void aReceiverIsLeftAloneForAsLongAsItAsksButNotForEver(@ForAll @IntRange(min = 0, max = 1_000_000) int seconds) {
        Duration asked = Duration.ofSeconds(seconds);
        Duration pause = policy.pause(1, Optional.of(asked), new Random(1));
        assertThat(pause).isLessThanOrEqualTo(Duration.ofDays(1));
        if (seconds > 1 && seconds <= 86_400) {
            assertThat(pause).isEqualTo(asked);
        }
    }
}
