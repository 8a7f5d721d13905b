package dev.tokenmeter.aggregator.anomaly;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A detector in memory, with thresholds that make sums easy, and what it told. */
final class Scene {
    static final List<String> DIMENSIONS = List.of("model", "api_key_id", "tag.feature");

    final List<Anomaly> told = new ArrayList<>();
    final Map<String, Anomaly> last = new LinkedHashMap<>();

    private final Detector detector;

    Scene(ZoneId zone, String... rules) {
        detector = new Detector(config(rules), tenant -> zone, DetectorState.inMemory(), anomaly -> {
            told.add(anomaly);
            last.put(anomaly.getAnomalyId(), anomaly);
        });
    }

    static DetectorConfig config(String... rules) {
        return new DetectorConfig(
                Set.of(rules),
                DIMENSIONS,
                100,
                new BigDecimal("10"),
                new BigDecimal("5"),
                new DayOverAverage(new BigDecimal("2"), 7, 3, BigDecimal.ONE),
                new HourOfWeek(new BigDecimal("3"), new BigDecimal("6"), 4, 2, BigDecimal.ONE),
                new TokenRate(new BigDecimal("4"), 7, 3, 1_000),
                new SilentSource(2, 3, 2, 20),
                Set.of("tenant", "tag.feature"));
    }

    /** Calls of which the detector hears at the end of their slot. */
    void call(Instant at, String key, String feature, String usd, long tokens, long requests) {
        add(
                List.of(delta(at, key, feature, usd, tokens, requests)),
                Slots.of(at).plus(Slots.LENGTH));
    }

    void add(List<Delta> deltas, Instant now) {
        detector.add(deltas, now);
    }

    void look(Instant now) {
        detector.look(now);
    }

    static Delta delta(Instant at, String key, String feature, String usd, long tokens, long requests) {
        Amount amount = new Amount(Money.exact(new BigDecimal(usd)), tokens, requests);
        return new Delta("acme", Slots.of(at), List.of("gpt-4o", key, feature), amount);
    }

    /** Ids of what stands, without what is part of something else. */
    List<String> heard() {
        return last.values().stream()
                .filter(anomaly -> !anomaly.getResolved() && anomaly.getPartOf() == null)
                .map(Anomaly::getAnomalyId)
                .toList();
    }
}
