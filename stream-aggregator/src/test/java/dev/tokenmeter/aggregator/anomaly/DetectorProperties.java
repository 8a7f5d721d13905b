package dev.tokenmeter.aggregator.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Anomaly;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

class DetectorProperties {
    private static final Instant NOW = Instant.parse("2026-11-02T13:00:00Z");
    private static final ZoneId ZONE = ZoneId.of("America/New_York");
    private static final String[] SPENDS = {DayOverAverage.NAME, HourOfWeek.NAME, TokenRate.NAME};

    /** Five weeks, with the change to winter time in the last. */
    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void whatStandsDoesNotDependOnTheOrderInWhichCallsCome(@ForAll long seed) {
        Random random = new Random(seed);
        List<Delta> inOrder = calls(random);
        List<Delta> shuffled = new ArrayList<>(inOrder);
        Collections.shuffle(shuffled, random);

        Map<String, String> standing = standing(inOrder, random);
        assertThat(standing(shuffled, random)).isEqualTo(standing);
    }

    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    void twiceTheSpendIsTwiceTheExpectation(@ForAll long seed) {
        List<Delta> once = calls(new Random(seed));
        List<Delta> twice = once.stream()
                .map(delta -> new Delta(
                        delta.tenant(),
                        delta.slot(),
                        delta.values(),
                        new Amount(
                                delta.amount().usd().multiply(BigDecimal.valueOf(2)),
                                delta.amount().tokens(),
                                1)))
                .toList();
        Scene small = new Scene(ZONE, SPENDS);
        Scene large = new Scene(ZONE, SPENDS);
        small.add(once, NOW);
        large.add(twice, NOW);

        Set<String> found = new HashSet<>(small.last.keySet());
        // Of tenants: groups pass their minima sooner, and so have more odd hours in a day.
        found.removeIf(id -> id.chars().filter(c -> c == '|').count() > 2);
        assertThat(large.last.keySet()).as("minima are sooner passed").containsAll(found);
        for (String id : found) {
            Anomaly before = small.last.get(id);
            Anomaly after = large.last.get(id);
            assertThat(after.getExpectedUsd()
                            .subtract(before.getExpectedUsd().multiply(BigDecimal.valueOf(2)))
                            .abs())
                    .as("but for the last digit of " + id)
                    .isLessThanOrEqualTo(new BigDecimal("0.000000000030"));
            assertThat(after.getObservedUsd())
                    .isEqualByComparingTo(before.getObservedUsd().multiply(BigDecimal.valueOf(2)));
        }
    }

    /** What stands, and what is expected of it. What was seen is told again when it doubles, and so depends on the way. */
    private static Map<String, String> standing(List<Delta> deltas, Random random) {
        Scene scene = new Scene(ZONE, SPENDS);
        for (int from = 0; from < deltas.size(); ) {
            int to = Math.min(deltas.size(), from + 1 + random.nextInt(40));
            scene.add(deltas.subList(from, to), NOW);
            from = to;
        }
        return scene.last.values().stream()
                .filter(anomaly -> !anomaly.getResolved())
                .collect(Collectors.toMap(Anomaly::getAnomalyId, Anomaly::getRule, (a, b) -> a, TreeMap::new));
    }

    private static List<Delta> calls(Random random) {
        List<Delta> deltas = new ArrayList<>();
        LocalDate today = LocalDate.ofInstant(NOW, ZONE);
        for (LocalDate day = today.minusDays(35 - random.nextInt(10)); !day.isAfter(today); day = day.plusDays(1)) {
            for (int hour : new int[] {1, 7, 8}) {
                Instant at = day.atTime(hour, 0).atZone(ZONE).toInstant();
                for (int i = random.nextInt(3); i > 0 && !at.isAfter(NOW); i--) {
                    boolean odd = random.nextInt(25) == 0;
                    int usd = odd ? 60 + random.nextInt(100) : 1 + random.nextInt(9);
                    Instant slot = at.plus(Duration.ofMinutes(5L * random.nextInt(12)));
                    String key = "k" + random.nextInt(3);
                    String feature = random.nextBoolean() ? "" : "f" + random.nextInt(2);
                    deltas.add(Scene.delta(slot, key, feature, usd + ".5", usd * 200L, 1));
                }
            }
        }
        return deltas;
    }
}
