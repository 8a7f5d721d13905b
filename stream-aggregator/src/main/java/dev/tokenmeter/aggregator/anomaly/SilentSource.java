package dev.tokenmeter.aggregator.anomaly;

import java.util.List;
import java.util.Optional;

/**
 * The rule {@code silent_source}: a source that always calls has stopped.
 *
 * <p>An hour without a call is missed if the source called in the same hour of the week in each of the {@code weeks} weeks
 * before, as far as they are known, which must be {@code minWeeks} at least. The rule is broken when, since the last call,
 * at least {@code hours} hours were missed, in which it made at least {@code minRequests} calls in an average week. So what
 * works around the clock is missed within hours, and what sleeps at night and on Sundays is not missed then.
 *
 * @param hours missed hours that it takes
 * @param weeks with which an hour is compared
 * @param minWeeks weeks that it takes to know what is usual
 * @param minRequests calls in the missed hours of an average week; few calls may stay away by chance
 */
public record SilentSource(int hours, int weeks, int minWeeks, long minRequests) {
    /** The rule's name. */
    public static final String NAME = "silent_source";

    /**
     * @param sameHours for each hour since the last call, the calls in the same hour of each week before that is known
     * @return the calls that were to be expected; empty if the rule is not broken
     */
    public Optional<Long> judge(List<List<Long>> sameHours) {
        int missed = 0;
        double expected = 0;
        for (List<Long> calls : sameHours) {
            if (calls.size() >= minWeeks && calls.stream().allMatch(count -> count > 0)) {
                missed++;
                expected += calls.stream().mapToLong(Long::longValue).average().orElse(0);
            }
        }
        return missed >= hours && expected >= minRequests ? Optional.of(Math.round(expected)) : Optional.empty();
    }
}
