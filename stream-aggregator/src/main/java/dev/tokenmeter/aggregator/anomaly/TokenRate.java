package dev.tokenmeter.aggregator.anomaly;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Optional;

/**
 * The rule {@code token_rate}: five minutes in which a key uses far more tokens than in its busiest five minutes of a usual
 * day, as a key does that was stolen or sits in a loop.
 *
 * <p>It is broken when the five minutes have at least {@code minTokens}, more than the busiest of each of the
 * {@code windowDays} days before, and more than {@code factor} times the median of these; a key with fewer than
 * {@code minHistoryDays} days with calls among them is not judged.
 *
 * @param factor multiple of the usual day's busiest five minutes that is still normal
 * @param windowDays trailing calendar days
 * @param minHistoryDays days with calls that it takes to know what is normal
 * @param minTokens fewer in five minutes are not worth an alarm
 */
public record TokenRate(BigDecimal factor, int windowDays, int minHistoryDays, long minTokens) {
    /** The rule's name. */
    public static final String NAME = "token_rate";

    /**
     * @param tokens of the five minutes
     * @param peaks of the days before that have calls, the tokens of the busiest five minutes
     * @return the median of the peaks; empty if the rule is not broken
     */
    public Optional<Long> judge(long tokens, Collection<Long> peaks) {
        if (tokens < minTokens || peaks.size() < Math.max(1, minHistoryDays)) {
            return Optional.empty();
        }
        long[] sorted = peaks.stream().mapToLong(Long::longValue).sorted().toArray();
        long median = sorted[sorted.length / 2]; // of an even number the upper one, so as not to be too quick
        boolean isFarMore = BigDecimal.valueOf(tokens).compareTo(factor.multiply(BigDecimal.valueOf(median))) > 0;
        return isFarMore && tokens > sorted[sorted.length - 1] ? Optional.of(median) : Optional.empty();
    }
}
