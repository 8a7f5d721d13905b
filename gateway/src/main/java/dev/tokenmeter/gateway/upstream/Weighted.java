package dev.tokenmeter.gateway.upstream;

import java.util.List;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;

/** Chooses at random by weight, so that event loops and gateways share load out without knowing of each other. */
public final class Weighted {
    private Weighted() {}

    /**
     * One of the candidates, each as often as its weight says; those without weight only where none has any.
     *
     * @param candidates at least one
     * @param weight not negative
     */
    public static <T> T choose(List<T> candidates, ToIntFunction<T> weight, RandomGenerator random) {
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        long total = 0;
        for (T candidate : candidates) {
            total += weight.applyAsInt(candidate);
        }
        if (total == 0) {
            return candidates.get(random.nextInt(candidates.size()));
        }
        long point = random.nextLong(total);
        for (T candidate : candidates) {
            point -= weight.applyAsInt(candidate);
            if (point < 0) {
                return candidate;
            }
        }
        throw new IllegalStateException("weights changed while they were read");
    }
}
