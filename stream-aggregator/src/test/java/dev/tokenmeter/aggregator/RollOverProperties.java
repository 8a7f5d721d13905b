package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** What one day leaves of its budget, the next may spend. */
class RollOverProperties {
    private static final Instant FIRST = Instant.parse("2026-11-19T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final int DAYS = 4;

    @Property(tries = 12, shrinking = ShrinkingMode.OFF)
    void theLimitIsTheAmountAndWhatTheDayBeforeLeftWheneverEventsAndCorrectionsCome(
            @ForAll long seed, @ForAll @IntRange(min = 0, max = 100) int percent, @ForAll boolean inTokens) {
        Random random = new Random(seed);
        try (AggregatorDriver aggregator = new AggregatorDriver(NOW)) {
            List<UsageEvent> events = events(random);
            List<UsageEvent> sent = new ArrayList<>(events);
            sent.addAll(events.subList(0, 5)); // delivered twice
            for (int i = 0; i < 8; i++) {
                UsageEvent corrected = corrected(events.get(i), random);
                sent.add(corrected);
                events.set(i, corrected);
            }
            Collections.shuffle(sent, random);
            int definedAfter = random.nextInt(sent.size());
            Budget budget = budget(percent, inTokens);
            Map<Instant, BudgetStatus> last = new HashMap<>();
            for (int i = 0; i < sent.size(); i++) {
                if (i == definedAfter) {
                    aggregator.define(budget);
                }
                aggregator.send(sent.get(i));
                if (random.nextInt(3) == 0) {
                    keepLast(aggregator, last);
                }
            }
            aggregator.define(Budget.newBuilder(budget).setName("Renamed").build());
            keepLast(aggregator, last);

            assertThat(last).containsKey(NOW.minus(Duration.ofHours(12)));
            last.values().forEach(status -> assertThatItsLimitIsConsistent(status, budget, events));
        }
    }

    private static void keepLast(AggregatorDriver aggregator, Map<Instant, BudgetStatus> last) {
        aggregator.newStatuses().forEach(record -> last.put(record.value().getPeriodStart(), record.value()));
    }

    private static void assertThatItsLimitIsConsistent(BudgetStatus status, Budget budget, List<UsageEvent> events) {
        Instant start = status.getPeriodStart();
        BigDecimal usd = Money.ZERO;
        long tokens = 0;
        for (UsageEvent event : events) {
            if (!event.getOccurredAt().isBefore(start.minus(Duration.ofDays(1)))
                    && event.getOccurredAt().isBefore(start)) {
                usd = usd.add(event.getCostUsd());
                tokens += 15;
            }
        }
        BigDecimal amount =
                budget.getAmountTokens() == null ? budget.getAmountUsd() : BigDecimal.valueOf(budget.getAmountTokens());
        BigDecimal spentBefore = budget.getAmountTokens() == null ? usd : BigDecimal.valueOf(tokens);
        BigDecimal carried = start.isAfter(FIRST)
                ? amount.subtract(spentBefore)
                        .max(BigDecimal.ZERO)
                        .min(amount.multiply(BigDecimal.valueOf(budget.getRollOverPercent(), 2)))
                : BigDecimal.ZERO;
        BigDecimal limit =
                budget.getAmountTokens() == null ? status.getLimitUsd() : BigDecimal.valueOf(status.getLimitTokens());
        BigDecimal said = budget.getAmountTokens() == null
                ? status.getCarriedOverUsd()
                : BigDecimal.valueOf(status.getCarriedOverTokens());
        assertThat(said).as("carried into " + start).isEqualByComparingTo(carried);
        assertThat(limit).as("limit of " + start).isEqualByComparingTo(amount.add(carried));
    }

    private static UsageEvent corrected(UsageEvent event, Random random) {
        UsageEvent priced = UsageEvent.newBuilder(event)
                .setCostUsd(Money.exact(BigDecimal.valueOf(random.nextInt(600), 2)))
                .build();
        return UsageCorrections.correct(event, priced, NOW, "test", "another price");
    }

    private static List<UsageEvent> events(Random random) {
        List<UsageEvent> events = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            Instant at = FIRST.plusSeconds(random.nextInt(DAYS * 86_400 - 43_200));
            events.add(Events.event(
                            "acme",
                            at,
                            BigDecimal.valueOf(random.nextInt(600), 2).toPlainString())
                    .build());
        }
        return events;
    }

    private static Budget budget(int percent, boolean inTokens) {
        Budget.Builder budget = AggregatorDriver.budget("b1", "acme", inTokens ? "0" : "20")
                .setPeriod("day")
                .setRollOverPercent(percent)
                .setRollOverSince(FIRST.plusSeconds(3600));
        return inTokens ? budget.setAmountTokens(100L).build() : budget.build();
    }
}
