package dev.tokenmeter.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class WeightedProperties {
    @Property(tries = 200)
    void eachIsChosenAsOftenAsItsWeightSays(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(max = 100) Integer> weights, @ForAll long seed) {
        Random random = new Random(seed);
        List<Integer> candidates =
                java.util.stream.IntStream.range(0, weights.size()).boxed().toList();
        int[] chosen = new int[weights.size()];
        int draws = 4000;
        for (int i = 0; i < draws; i++) {
            chosen[Weighted.choose(candidates, weights::get, random)]++;
        }
        int total = weights.stream().mapToInt(Integer::intValue).sum();
        for (int i = 0; i < weights.size(); i++) {
            double share = total == 0 ? 1.0 / weights.size() : (double) weights.get(i) / total;
            assertThat(chosen[i] / (double) draws).isBetween(share - 0.06, share + 0.06);
            if (share == 0) {
                assertThat(chosen[i]).isZero();
            }
        }
    }
}
