package dev.tokenmeter.alerting.deliver;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How long and how often delivery is tried.
 *
 * @param retryFor from when the notification was due; after that it is a dead letter
 * @param minBackOff before the second attempt; doubled for each further one
 * @param maxBackOff bound on that
 */
public record RetryPolicy(Duration retryFor, Duration minBackOff, Duration maxBackOff) {
    private static final Duration LONGEST = Duration.ofDays(6);
    private static final int MOST_DOUBLINGS = 20;

    /**
     * Reads it.
     *
     * @param prefix of the receiver's settings, with its dot
     */
    public static RetryPolicy from(Settings settings, String prefix) {
        RetryPolicy policy = new RetryPolicy(
                settings.duration(prefix + "retry-for", Duration.ofDays(1)),
                settings.duration(prefix + "min-back-off", Duration.ofSeconds(1)),
                settings.duration(prefix + "max-back-off", Duration.ofMinutes(5)));
        if (policy.retryFor.compareTo(LONGEST) > 0) {
            throw new SettingException(
                    prefix + "retry-for", "found " + policy.retryFor, "at most 6d, as notifications are kept for 7d");
        }
        if (policy.minBackOff.toMillis() < 1 || policy.maxBackOff.compareTo(policy.minBackOff) < 0) {
            throw new SettingException(
                    prefix + "max-back-off",
                    "found " + policy.maxBackOff + " beside a min-back-off of " + policy.minBackOff,
                    "at least min-back-off, which is at least 1ms");
        }
        return policy;
    }

    /**
     * How long to wait: half of it fixed and half by chance, and at least as long as the receiver asked for.
     *
     * @param failures in a row so far, at least one
     */
    Duration pause(int failures, Optional<Duration> asked, RandomGenerator random) {
        long doubled = minBackOff.toMillis() << Math.min(failures - 1, MOST_DOUBLINGS);
        long half = Math.min(maxBackOff.toMillis(), doubled) / 2;
        Duration own = Duration.ofMillis(half + random.nextLong(half + 1));
        return asked.filter(wish -> wish.compareTo(own) > 0)
                .map(wish -> wish.compareTo(retryFor) > 0 ? retryFor : wish)
                .orElse(own);
    }
}
