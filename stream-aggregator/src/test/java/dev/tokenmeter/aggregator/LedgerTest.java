package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.DurationBuckets;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.schemas.UsageSource;
import dev.tokenmeter.schemas.budget.BudgetDimensions;
import dev.tokenmeter.schemas.budget.BudgetPeriod;
import dev.tokenmeter.schemas.budget.BudgetScope;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Invariant 1: Σ events = Σ rollups = Σ what the budget state holds, to the last digit. */
class LedgerTest {
    private static final Instant FROM = Instant.parse("2026-11-30T22:30:00Z");
    private static final Instant TO = Instant.parse("2026-12-01T01:30:00Z");
    private static final Instant NOW = Instant.parse("2026-12-01T02:00:00Z");

    @Test
    void tenThousandShuffledAndRepeatedEventsAcrossHourDayAndMonthAddUpToTheLastDigit() {
        Random random = new Random(42);
        List<UsageEvent> events = Events.random(random, 10_000, FROM, TO);
        List<UsageEvent> sent = new ArrayList<>(events);
        sent.addAll(events.subList(0, 1000));
        Collections.shuffle(sent, random);
        try (AggregatorDriver aggregator = new AggregatorDriver(NOW)) {
            for (int tenant = 0; tenant < 3; tenant++) {
                aggregator.define(AggregatorDriver.budget("b" + tenant, "tenant-" + tenant, "1000")
                        .build());
            }
            sent.forEach(aggregator::send);

            Collection<UsageRollup> rollups = aggregator.lastRollups().values();
            for (String group : List.of("tenant", "detail")) {
                assertAddsUp(rollups, events, group, Granularity.hour, 4);
                assertAddsUp(rollups, events, group, Granularity.day, 2);
            }
            assertThat(aggregator.newDeadLetters()).isEmpty();
            assertThat(spentByTenantAndMonth(aggregator)).isEqualTo(costByTenantAndMonth(events));
        }
    }

    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    void anyOrderAndAnyRepetitionGiveTheSameTotals(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60) int count,
            @ForAll @IntRange(max = 60) int repeats) {
        Random random = new Random(seed);
        List<UsageEvent> events = Events.random(random, count, FROM.minusSeconds(40 * 86_400), TO);
        List<UsageEvent> sent = new ArrayList<>(events);
        for (int i = 0; i < repeats; i++) {
            sent.add(events.get(random.nextInt(count)));
        }
        Collections.shuffle(sent, random);

        assertThat(totals(sent)).isEqualTo(totals(events));
    }

    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    void correctedEventsAddUpAsIfTheyHadCostThatFromTheStart(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int count) {
        Random random = new Random(seed);
        List<UsageEvent> first = Events.random(random, count, FROM.minusSeconds(40 * 86_400), TO);
        List<UsageEvent> sent = new ArrayList<>(first);
        List<UsageEvent> last = new ArrayList<>(first);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < count; i++) {
                if (random.nextBoolean()) {
                    UsageEvent correction = corrected(last.get(i), random);
                    UsageEvent tooLate = corrected(last.get(i), random);
                    sent.addAll(List.of(correction, tooLate, correction));
                    last.set(i, correction);
                }
            }
        }

        assertThat(totals(sent)).isEqualTo(totals(asFirstTold(last)));
    }

    private static UsageEvent corrected(UsageEvent event, Random random) {
        UsageEvent.Builder priced = UsageEvent.newBuilder(event);
        if (random.nextInt(4) == 0) {
            priced.setCostUsd(null).setCostParts(Map.of()).setPriceId(null);
        } else {
            BigDecimal cost = new BigDecimal(BigInteger.valueOf(random.nextLong(1_000_000_000_000L)), Money.SCALE);
            priced.setCostUsd(cost).setCostParts(Map.of("part-" + random.nextInt(3), cost));
        }
        return UsageCorrections.correct(event, priced.build(), NOW, "test", "why not");
    }

    private static List<UsageEvent> asFirstTold(List<UsageEvent> events) {
        return events.stream()
                .map(event -> UsageEvent.newBuilder(event)
                        .setRevision(0)
                        .setCostUsdBefore(null)
                        .setCostPartsBefore(Map.of())
                        .build())
                .toList();
    }

    /**
     * Whatever is defined and redefined while events come in any order: in the end each budget's periods hold exactly the
     * events of its scope that fall into them, as does what each gateway run reported.
     */
    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void budgetsOfAnyScopePeriodAndZoneDefinedAtAnyMomentHoldTheirEventsToTheLastDigit(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 120) int count) {
        Random random = new Random(seed);
        List<UsageEvent> events = new ArrayList<>();
        Events.random(random, count, FROM.minusSeconds(50 * 86_400), TO)
                .forEach(event -> events.add(UsageEvent.newBuilder(event)
                        .setGatewayRun(random.nextInt(3) == 0 ? "" : "run-" + random.nextInt(3))
                        .build()));
        List<UsageEvent> sent = new ArrayList<>(events);
        sent.addAll(events.subList(0, count / 2));
        List<UsageEvent> last = new ArrayList<>(events);
        for (int i = 0; i < count / 4; i++) {
            last.set(i, corrected(events.get(i), random));
            sent.add(last.get(i));
        }
        Collections.shuffle(sent, random);
        Map<String, Budget> budgets = new HashMap<>();
        Map<String, BudgetStatus> statuses = new HashMap<>();
        try (AggregatorDriver aggregator = new AggregatorDriver(NOW, Map.of("stream-aggregator.late-after", "80d"))) {
            for (UsageEvent event : sent) {
                if (random.nextInt(8) == 0) {
                    Budget budget = budget(random);
                    budgets.put(budget.getBudgetId(), budget);
                    aggregator.define(budget);
                }
                aggregator.send(event);
                if (random.nextInt(8) == 0) {
                    take(aggregator, statuses);
                }
            }
            budgets.values().forEach(aggregator::define);
            take(aggregator, statuses);
        }
        budgets.values().forEach(budget -> assertHolds(budget, events, last, statuses));
    }

    private static Budget budget(Random random) {
        Map<String, String> all =
                Map.of("provider", "openai", "model", "model-1", "api_key_id", "key-tenant-0-1", "tag.team", "t\",\"1");
        Map<String, String> scope = new HashMap<>(all);
        scope.values().removeIf(value -> random.nextInt(3) > 0);
        List<String> zones =
                List.of("UTC", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "Europe/Berlin");
        return AggregatorDriver.budget("b" + random.nextInt(3), "tenant-0", "5")
                .setDimensions(scope)
                .setPeriod(List.of("day", "week", "month", "total").get(random.nextInt(4)))
                .setTimeZone(zones.get(random.nextInt(zones.size())))
                .build();
    }

    private static void take(AggregatorDriver aggregator, Map<String, BudgetStatus> statuses) {
        aggregator.newStatuses().forEach(record -> {
            if (record.value() == null) {
                statuses.remove(record.key());
            } else {
                statuses.put(record.key(), record.value());
            }
        });
    }

    /** @param last the events as they were corrected */
    private static void assertHolds(
            Budget budget, List<UsageEvent> events, List<UsageEvent> last, Map<String, BudgetStatus> statuses) {
        BudgetPeriod period = BudgetPeriod.of(budget);
        BudgetScope scope = BudgetScope.of(budget);
        BudgetStatus status =
                statuses.get(budget.getBudgetId() + "|" + period.around(NOW).start());
        Predicate<UsageEvent> counts = event -> event.getTenant().equals(budget.getTenant())
                && scope.covers(name -> BudgetDimensions.valueOf(event, name))
                && period.around(NOW).contains(event.getOccurredAt());
        List<UsageEvent> counted = last.stream().filter(counts).toList();
        assertThat(status.getSpentUsd()).as("%s", budget).isEqualTo(sum(counted, LedgerTest::cost));
        assertThat(status.getSpentTokens())
                .isEqualTo(counted.stream().mapToLong(TokenKind::total).sum());
        Map<String, BigDecimal> byRun = new HashMap<>();
        events.stream()
                .filter(counts)
                .filter(event -> !event.getGatewayRun().isEmpty())
                .forEach(event -> byRun.merge(event.getGatewayRun(), cost(event), BigDecimal::add));
        assertThat(byRun)
                .as("what runs reported in the last day is there")
                .containsAllEntriesOf(status.getSpentByGatewayRun());
    }

    private static Map<String, UsageRollup> totals(List<UsageEvent> events) {
        try (AggregatorDriver aggregator = new AggregatorDriver(NOW, Map.of("stream-aggregator.late-after", "60d"))) {
            events.forEach(aggregator::send);
            Map<String, UsageRollup> totals = new TreeMap<>();
            aggregator
                    .lastRollups()
                    .forEach((key, rollup) -> totals.put(
                            key,
                            UsageRollup.newBuilder(rollup)
                                    .setRevision(0)
                                    .setCostParts(withoutZeros(rollup.getCostParts()))
                                    .build()));
            return totals;
        }
    }

    private static Map<String, BigDecimal> withoutZeros(Map<String, BigDecimal> parts) {
        Map<String, BigDecimal> kept = new HashMap<>(parts);
        kept.values().removeIf(cost -> cost.signum() == 0);
        return kept;
    }

    private static void assertAddsUp(
            Collection<UsageRollup> all, List<UsageEvent> events, String group, Granularity granularity, int windows) {
        List<UsageRollup> rollups = all.stream()
                .filter(r -> r.getDimensionGroup().equals(group) && r.getGranularity() == granularity)
                .toList();
        assertThat(rollups.stream().map(UsageRollup::getWindowStart).distinct()).hasSize(windows);
        assertThat(sum(rollups, UsageRollup::getCostUsd)).isEqualTo(sum(events, LedgerTest::cost));
        for (TokenKind kind : TokenKind.values()) {
            assertThat(rollups.stream().mapToLong(kind::of).sum())
                    .as(kind.field())
                    .isEqualTo(events.stream().mapToLong(kind::of).sum());
        }
        for (String part : List.of("uncached_input_tokens", "text_output_tokens")) {
            assertThat(sum(rollups, r -> r.getCostParts().getOrDefault(part, Money.ZERO)))
                    .as(part)
                    .isEqualTo(sum(events, e -> e.getCostParts().getOrDefault(part, Money.ZERO)));
        }
        assertThat(sum(rollups, r -> r.getUnits().getOrDefault("pages", Money.ZERO)))
                .isEqualByComparingTo(sum(events, e -> e.getUnits().getOrDefault("pages", Money.ZERO)))
                .isPositive();
        assertThat(rollups.stream().mapToLong(UsageRollup::getMeteredRequests).sum())
                .isEqualTo(events.stream().filter(UsageEvents::isMetered).count());
        assertThat(rollups.stream().mapToLong(UsageRollup::getFeeRequests).sum())
                .isEqualTo(events.stream().filter(UsageEvents::owesFee).count());
        assertThat(counts(rollups, UsageRollup::getLatencyMsHistogram))
                .as("the histogram of the rollups is the one over all events")
                .isEqualTo(counts(events, e -> Map.of(DurationBuckets.name(e.getLatencyMs()), 1L)));
        assertThat(counts(rollups, UsageRollup::getTimeToFirstTokenMsHistogram))
                .isNotEmpty()
                .isEqualTo(counts(
                        events,
                        e -> e.getTimeToFirstTokenMs() == null
                                ? Map.of()
                                : Map.of(DurationBuckets.name(e.getTimeToFirstTokenMs()), 1L)));
        assertThat(counts(rollups, UsageRollup::getErrorsByClass))
                .containsOnlyKeys("upstream_error", "upstream_error:5xx")
                .isEqualTo(counts(
                        events,
                        e -> UsageEvents.errorClass(e) == null ? Map.of() : Map.of(UsageEvents.errorClass(e), 1L)));
        assertThat(rollups.stream().mapToLong(UsageRollup::getEstimatedTokens).sum())
                .isPositive()
                .isEqualTo(events.stream()
                        .filter(e -> e.getUsageSource() == UsageSource.estimated)
                        .mapToLong(TokenKind::total)
                        .sum());
        List<UsageEvent> unpriced =
                events.stream().filter(e -> e.getCostUsd() == null).toList();
        assertThat(rollups.stream().mapToLong(UsageRollup::getRequests).sum()).isEqualTo(events.size());
        assertThat(rollups.stream().mapToLong(UsageRollup::getErrors).sum())
                .isEqualTo(events.stream()
                        .filter(e -> e.getOutcome() != Outcome.completed)
                        .count());
        assertThat(rollups.stream().mapToLong(UsageRollup::getUnpricedRequests).sum())
                .isEqualTo(unpriced.size());
        assertThat(rollups.stream().mapToLong(UsageRollup::getUnpricedTokens).sum())
                .isEqualTo(unpriced.stream().mapToLong(TokenKind::total).sum());
        assertThat(rollups.stream().mapToLong(UsageRollup::getLatencyMsSum).sum())
                .isEqualTo(events.stream().mapToLong(UsageEvent::getLatencyMs).sum());
    }

    private static <T> Map<String, Long> counts(Collection<T> all, Function<T, Map<String, Long>> of) {
        Map<String, Long> sum = new TreeMap<>();
        all.forEach(one -> of.apply(one).forEach((name, count) -> sum.merge(name, count, Long::sum)));
        return sum;
    }

    private static Map<String, BigDecimal> spentByTenantAndMonth(AggregatorDriver aggregator) {
        Map<String, BigDecimal> spent = new HashMap<>();
        aggregator
                .newStatuses()
                .forEach(record -> spent.put(
                        record.value().getTenant() + " " + month(record.value().getPeriodStart()),
                        record.value().getSpentUsd()));
        return spent;
    }

    private static Map<String, BigDecimal> costByTenantAndMonth(List<UsageEvent> events) {
        Map<String, BigDecimal> cost = new HashMap<>();
        events.forEach(event ->
                cost.merge(event.getTenant() + " " + month(event.getOccurredAt()), cost(event), BigDecimal::add));
        return cost;
    }

    private static YearMonth month(Instant instant) {
        return YearMonth.from(instant.atZone(ZoneOffset.UTC));
    }

    private static BigDecimal cost(UsageEvent event) {
        return event.getCostUsd() == null ? Money.ZERO : event.getCostUsd();
    }

    private static <T> BigDecimal sum(Collection<T> values, Function<T, BigDecimal> amount) {
        return values.stream().map(amount).reduce(Money.ZERO, BigDecimal::add);
    }
}
