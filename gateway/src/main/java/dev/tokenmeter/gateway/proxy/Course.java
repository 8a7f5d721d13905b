package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.upstream.RetryConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The attempts that one call may make, and their order: what has not been tried comes before what has, the call's own
 * provider before its fallbacks. For one event loop.
 */
final class Course {
    private final RetryConfig retry;
    private final List<List<Target>> tiers;
    private final List<Target> tried = new ArrayList<>(1);
    private final RandomGenerator random;
    private int made;

    /** @param tiers the targets of the call's provider, then those of each fallback in order */
    Course(RetryConfig retry, List<List<Target>> tiers, RandomGenerator random) {
        this.retry = retry;
        this.tiers = tiers;
        this.random = random;
    }

    /** The next target that can be used; empty when there is none now. */
    Optional<Target> next() {
        Optional<Target> next = pass(false);
        next = next.isPresent() ? next : pass(true);
        next.ifPresent(target -> {
            made++;
            tried.add(target);
        });
        return next;
    }

    /** Attempts so far. */
    int made() {
        return made;
    }

    private Optional<Target> pass(boolean again) {
        for (List<Target> tier : tiers) {
            List<Target> candidates = candidates(tier, again);
            while (!candidates.isEmpty()) {
                Target target = Target.choose(candidates, random);
                if (target.upstream().breaker().tryPass()) {
                    return Optional.of(target);
                }
                candidates = candidates(tier, again); // another event loop took the trial call
            }
        }
        return Optional.empty();
    }

    private List<Target> candidates(List<Target> tier, boolean again) {
        if (tier.size() == 1) {
            return isCandidate(tier.get(0), again) ? tier : List.of();
        }
        return tier.stream().filter(target -> isCandidate(target, again)).toList();
    }

    private boolean isCandidate(Target target, boolean again) {
        return tried.contains(target) == again && target.upstream().breaker().allows();
    }

    /**
     * How long to wait before another attempt, ms: not at all for a target that has not been tried.
     *
     * @param resendable whether the request can be sent once more
     * @return empty when there is to be none
     */
    OptionalLong waitAfter(Setback setback, boolean resendable) {
        if (made >= retry.maxAttempts() || !resendable || setback.reason() == null) {
            return OptionalLong.empty();
        }
        if (!retry.on().contains(setback.reason())) {
            return OptionalLong.empty();
        }
        if (has(false)) {
            return OptionalLong.of(0);
        }
        boolean tooLong = setback.retryAfterMs() > retry.maxRetryAfter().toMillis();
        if (tooLong || setback.elsewhereOnly() || !has(true)) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Math.max(retry.backOff(made, random), setback.retryAfterMs()));
    }

    private boolean has(boolean again) {
        return tiers.stream().anyMatch(tier -> !candidates(tier, again).isEmpty());
    }

    /** In how many seconds, at least 1, one of the targets may be tried again. */
    int secondsToTrial() {
        long nanos = tiers.stream()
                .flatMap(List::stream)
                .mapToLong(target -> target.upstream().breaker().nanosToTrial())
                .min()
                .orElse(0);
        return Math.toIntExact(Math.max(1, TimeUnit.NANOSECONDS.toSeconds(nanos + 999_999_999)));
    }
}
