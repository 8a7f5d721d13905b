package dev.tokenmeter.gateway.upstream;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * When a call is tried again, and how soon.
 *
 * @param maxAttempts bound on attempts of one call, all addresses, keys and fallbacks together; 1 for no retry
 * @param on reasons: {@value #CONNECT}, {@value #REFUSED}, {@value #TIMEOUT}, and HTTP statuses
 * @param minBackOff before the first retry at the same place; doubled for each further one
 * @param maxBackOff bound on that
 * @param maxRetryAfter the longest wait that a provider may ask for; one that asks for more is not asked again
 */
public record RetryConfig(
        int maxAttempts, Set<String> on, Duration minBackOff, Duration maxBackOff, Duration maxRetryAfter) {
    /** No connection came about. */
    public static final String CONNECT = "connect";
    /** The provider said, in HTTP/2's terms, that it has not touched the request. */
    public static final String REFUSED = "refused";
    /** No answer came in time. The provider may have worked on it, and may bill it. */
    public static final String TIMEOUT = "timeout";

    private static final Set<String> SAFE = Set.of(CONNECT, REFUSED);
    /** Statuses with which providers turn calls away before they do, and bill, any work. */
    private static final Set<String> UNBILLED = Set.of("429", "503", "529");

    /**
     * Reads {@code retry.*}.
     *
     * @param prefix of the provider's settings, with its dot
     * @param choice whether the provider has more than one address or key, or a fallback: then what one of them turns
     *     away is, by default, tried with the next
     */
    public static RetryConfig from(Settings settings, String prefix, boolean choice) {
        String retry = prefix + "retry.";
        Set<String> on = new TreeSet<>(SAFE);
        List<String> set = settings.list(retry + "on");
        if (!set.isEmpty()) {
            on = reasons(retry + "on", set);
        } else if (choice) {
            on.addAll(UNBILLED);
        }
        return new RetryConfig(
                settings.integer(retry + "max-attempts", 3, 1, 20),
                Set.copyOf(on),
                settings.duration(retry + "min-back-off", Duration.ofMillis(100)),
                settings.duration(retry + "max-back-off", Duration.ofSeconds(2)),
                settings.duration(retry + "max-retry-after", Duration.ofSeconds(5)));
    }

    private static Set<String> reasons(String setting, List<String> words) {
        Set<String> reasons = new TreeSet<>();
        for (String word : words) {
            String reason = word.strip();
            if (!SAFE.contains(reason) && !reason.equals(TIMEOUT) && !reason.matches("[45][0-9]{2}")) {
                throw new SettingException(
                        setting, "found '" + reason + "'", "connect, refused, timeout, and statuses from 400 to 599");
            }
            reasons.add(reason);
        }
        return reasons;
    }

    /** Whether the provider may have billed what ended for this reason. */
    public static boolean mayBeBilled(String reason) {
        return !SAFE.contains(reason) && !UNBILLED.contains(reason);
    }

    /** Whether a request may have to be sent again after it went out, and so must be kept. */
    public boolean needsBodies() {
        return maxAttempts > 1 && !SAFE.containsAll(on);
    }

    /**
     * How long to wait before another attempt at the same place, ms: half of it fixed and half by chance, so that calls
     * which failed together do not come back together.
     *
     * @param made attempts so far
     */
    public long backOff(int made, RandomGenerator random) {
        long doubled = minBackOff.toMillis() << Math.min(made - 1, 20);
        long half = Math.min(maxBackOff.toMillis(), doubled) / 2;
        return half + random.nextLong(half + 1);
    }
}
