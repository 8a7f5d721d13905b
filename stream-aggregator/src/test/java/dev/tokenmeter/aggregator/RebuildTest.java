package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.aggregator.rebuild.RebuildScope;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.deadletter.DeadLetter;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rollups replaced by what a rebuild summed, while events of the same windows are counted. */
class RebuildTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Instant DAY = Instant.parse("2026-11-23T00:00:00Z");
    private static final Instant NEXT_DAY = DAY.plus(Duration.ofDays(1));

    private final AggregatorDriver aggregator = new AggregatorDriver(NOW);
    private final Map<String, UsageRollup> told = new HashMap<>();

    @AfterEach
    void close() {
        aggregator.close();
    }

    private static RebuildScope scope(Instant from, Instant until) {
        return RebuildScope.of(from, until, "", NOW);
    }

    private static RollupSums sums(List<UsageEvent> events, Instant from, Instant until) {
        RollupSums sums = RebuildSettings.from(Settings.of(Map.of()))
                .sums(Set.of(), EnumSet.of(Granularity.hour, Granularity.day), from, until);
        events.forEach(sums::add);
        return sums;
    }

    /** All rollups as they were last told. */
    private Map<String, UsageRollup> told() {
        told.putAll(aggregator.lastRollups());
        return told;
    }

    private void assertToldAre(List<UsageEvent> events) {
        Map<String, UsageRollup> found = new HashMap<>(told());
        sums(events, Instant.EPOCH, NEXT_DAY).forEach((key, expected) -> {
            UsageRollup rollup = found.remove(key);
            assertThat(rollup).as(key).isNotNull();
            assertThat(RollupSums.isSame(rollup, expected))
                    .as("%s: %s, expected %s", key, rollup, expected)
                    .isTrue();
        });
        assertThat(found.values())
                .as("without events")
                .allMatch(rollup -> RollupSums.isSame(rollup, RollupSums.emptied(rollup)));
    }

    private void replaceAll(RebuildScope scope, List<UsageEvent> before) {
        sums(before, DAY, NEXT_DAY).forEach((key, rollup) -> aggregator.replace(scope, key, rollup));
    }

    @Test
    void whatARebuildSumsIsWhatTheAggregatorCountsToTheLastDigit() {
        Random random = new Random(3);
        List<UsageEvent> events = new ArrayList<>(Events.random(random, 500, DAY, NOW));
        events.forEach(aggregator::send);
        List<UsageEvent> last = new ArrayList<>();
        for (UsageEvent event : events) {
            if (random.nextInt(3) > 0) {
                last.add(event);
                continue;
            }
            BigDecimal cost = BigDecimal.valueOf(random.nextLong(1_000_000_000_000L), 12);
            UsageEvent priced =
                    UsageEvents.withCost(event, cost, Map.of("x", cost), "p", event.getCostCurrency(), null);
            UsageEvent correction = UsageCorrections.correct(event, priced, NOW, "test", "test");
            aggregator.send(correction);
            last.add(correction);
        }

        assertToldAre(last);
    }

    @Test
    void nothingIsLostOrDoubledWhereverAReplacementFallsBetweenEventsOfItsWindows() {
        Random random = new Random(5);
        List<UsageEvent> all = new ArrayList<>();
        // Each hour has its cut, and its replacement at another place between the events that come after it.
        for (int hour = 0; hour < 10; hour++) {
            Instant from = DAY.plus(Duration.ofHours(hour));
            Instant until = from.plus(Duration.ofHours(1));
            List<UsageEvent> missed = Events.random(random, 10, from, until);
            List<UsageEvent> before = Events.random(random, 10, from, until);
            List<UsageEvent> since = Events.random(random, 18, from, until);
            before.forEach(aggregator::send);
            RebuildScope scope = scope(from, until);
            aggregator.cut(scope);
            since.subList(0, 2 * hour).forEach(aggregator::send);
            List<UsageEvent> counted = new ArrayList<>(missed);
            counted.addAll(before);
            RollupSums right = sums(counted, from, until);
            right.forEach((key, rollup) -> aggregator.replace(scope, key, rollup));
            since.subList(2 * hour, since.size()).forEach(aggregator::send);
            // A producer, or a rebuild that was killed, may have sent it before.
            right.forEach((key, rollup) -> aggregator.replace(scope, key, rollup));
            all.addAll(counted);
            all.addAll(since);
        }
        aggregator.newRollups().forEach(record -> told.put(record.key(), record.value()));

        sums(all, DAY, NEXT_DAY).forEach((key, expected) -> {
            if (expected.getGranularity() == Granularity.hour) {
                assertThat(RollupSums.isSame(told.get(key), expected))
                        .as("%s: %s, expected %s", key, told.get(key), expected)
                        .isTrue();
            }
        });
    }

    @Test
    void onlyWindowsWithinTheCutsScopeAreTouched() {
        Instant dayBefore = DAY.minus(Duration.ofDays(1));
        UsageEvent earlier = Events.event("acme", dayBefore, "7").build();
        UsageEvent today = Events.event("acme", NOW, "1").build();
        aggregator.send(earlier);
        aggregator.send(today);
        RebuildScope scope = scope(DAY, NEXT_DAY);
        aggregator.cut(scope);
        UsageEvent since = Events.event("acme", dayBefore, "3").build();
        aggregator.send(since);

        replaceAll(scope, List.of(today));

        assertToldAre(List.of(earlier, since, today));
    }

    @Test
    void aWindowThatIsNotKeptInStateAnyMoreIsToldWithAHigherRevision() {
        Instant longAgo = DAY.minus(Duration.ofDays(300));
        UsageEvent event = Events.event("acme", longAgo, "7").build();
        RollupSums sums = sums(List.of(event), longAgo, longAgo.plus(Duration.ofDays(1)));
        long revision = NOW.plus(Duration.ofDays(1)).toEpochMilli() * 1000;

        sums.forEach((key, rollup) -> {
            rollup.put("revision", revision);
            aggregator.replace(scope(longAgo, longAgo.plus(Duration.ofDays(1))), key, rollup);
        });

        assertToldAre(List.of(event));
        assertThat(told.values()).hasSize(4).allMatch(rollup -> rollup.getRevision() > revision);
    }

    @Test
    void aRebuildThatComesBackFromTheDeadReplacesNothing() {
        UsageEvent event = Events.event("acme", NOW, "1").build();
        aggregator.send(event);
        RebuildScope scope = scope(DAY, NEXT_DAY);
        aggregator.cut(scope);
        aggregator.advance(Duration.ofMinutes(25));
        UsageEvent since = Events.event("acme", NOW, "2").build();
        aggregator.send(since);

        replaceAll(scope, List.of());
        sums(List.of(Events.event("acme", NOW, "100").build()), DAY, NEXT_DAY)
                .forEach((key, rollup) -> aggregator.replace(scope, key, rollup));

        assertToldAre(List.of(event, since));
        assertThat(aggregator
                        .meters
                        .counter("tokenmeter.aggregator.replacements", "result", "expired")
                        .count())
                .isEqualTo(4);
    }

    @Test
    void aReplacementOfAGroupThatIsNotSummedHereIsADeadLetter() {
        RebuildSettings others = RebuildSettings.from(
                Settings.of(Map.of("stream-aggregator.dimension-groups.other", "tenant,provider")));
        RollupSums sums = others.sums(Set.of("other"), EnumSet.of(Granularity.day), DAY, NEXT_DAY);
        sums.add(Events.event("acme", NOW, "1").build());
        sums.forEach((key, rollup) -> aggregator.replace(scope(DAY, NEXT_DAY), key, rollup));

        assertThat(aggregator.newRollups()).isEmpty();
        TestRecord<String, byte[]> letter = aggregator.newDeadLetters().get(0);
        assertThat(AggregatorDriver.header(letter, DeadLetter.REASON)).isEqualTo("invalid");
        assertThat(AggregatorDriver.header(letter, DeadLetter.MESSAGE)).contains("dimension-groups");
    }
}
