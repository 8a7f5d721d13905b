package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.UsageEvent;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

class AnomalyOrderTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 23);

    /** In order, each day is judged when all before it is known. */
    @Property(tries = 4, shrinking = ShrinkingMode.OFF)
    void aMonthThatComesInAnyOrderHasTheAnomaliesOfOneThatComesInOrder(@ForAll long seed) {
        Random random = new Random(seed);
        List<UsageEvent> events = new ArrayList<>();
        for (int back = 30; back >= 0; back--) {
            for (int i = random.nextInt(4); i > 0; i--) {
                int usd = random.nextInt(6) == 0 ? 100 : 1 + random.nextInt(10);
                Instant at = TODAY.minusDays(back).atStartOfDay().toInstant(ZoneOffset.UTC);
                events.add(Events.event("acme", at, Integer.toString(usd)).build());
            }
        }
        List<UsageEvent> shuffled = new ArrayList<>(events);
        Collections.shuffle(shuffled, random);

        assertThat(standing(shuffled, random)).isEqualTo(standing(events, random));
    }

    private static Set<String> standing(List<UsageEvent> events, Random random) {
        Map<String, Anomaly> last = new TreeMap<>();
        Map<String, String> plain = Map.of("stream-aggregator.anomaly.rules", "day_over_average");
        try (AggregatorDriver aggregator = new AggregatorDriver(NOW, plain)) {
            for (UsageEvent event : events) {
                aggregator.send(event);
                if (random.nextBoolean()) {
                    take(aggregator, last);
                }
            }
            take(aggregator, last);
        }
        last.values().removeIf(Anomaly::getResolved);
        return last.keySet();
    }

    private static void take(AggregatorDriver aggregator, Map<String, Anomaly> last) {
        aggregator.newAnomalies().forEach(anomaly -> {
            Anomaly before = last.put(anomaly.getAnomalyId(), anomaly);
            assertThat(anomaly.getRevision()).isGreaterThan(before == null ? 0 : before.getRevision());
        });
    }
}
