package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.service.deadletter.DeadLetter;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BudgetWatchTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final AggregatorDriver aggregator = new AggregatorDriver(NOW);

    @AfterEach
    void close() {
        aggregator.close();
    }

    @Test
    void aBudgetOfATenantThatHasNotSpentIsReportedAtOnce() {
        aggregator.define(budget("100").build());

        TestRecord<String, BudgetStatus> record = only();
        assertThat(record.key()).isEqualTo("b1|2026-11-01T00:00:00Z");
        assertThat(record.value().getSpentUsd()).isEqualByComparingTo("0");
        assertThat(record.value().getLimitUsd()).isEqualByComparingTo("100");
        assertThat(record.value().getPeriodEnd()).isEqualTo("2026-12-01T00:00:00Z");
        assertThat(record.value().getThresholdsCrossed()).isEmpty();
    }

    @Test
    void aBudgetMadeMidMonthCountsFromTheFirstOfTheMonth() {
        spend("2026-10-31T23:59:59.999999Z", "1");
        spend("2026-11-01T00:00:00Z", "2");
        spend("2026-11-22T00:00:00Z", "4");
        aggregator.define(budget("100").build());

        assertThat(only().value().getSpentUsd()).isEqualByComparingTo("6");
    }

    @Test
    void aChangedDefinitionIsReportedWithoutTrafficAndWithAHigherRevision() {
        aggregator.define(budget("100").build());
        spend("2026-11-23T00:00:00Z", "85");
        List<BudgetStatus> before = values();
        assertThat(before.get(1).getThresholdsCrossed()).containsExactly(80);

        aggregator.define(budget("200").setHard(true).build());

        BudgetStatus after = only().value();
        assertThat(after.getSpentUsd()).isEqualByComparingTo("85");
        assertThat(after.getThresholdsCrossed()).isEmpty();
        assertThat(after.getHard()).isTrue();
        assertThat(after.getRevision()).isGreaterThan(before.get(1).getRevision());
        assertThat(before.get(1).getRevision()).isGreaterThan(before.get(0).getRevision());
    }

    @Test
    void aThresholdIsCrossedExactlyWhenItsShareIsReached() {
        List<List<Integer>> crossed = new ArrayList<>();
        aggregator.define(
                budget("100").setThresholdsPercent(List.of(50, 80, 100)).build());
        values();
        for (String more : List.of("49.999999999999", "0.000000000001", "29.999999999999", "0.000000000001", "20")) {
            spend("2026-11-23T00:00:00Z", more);
            crossed.add(only().value().getThresholdsCrossed());
        }

        assertThat(crossed).containsExactly(List.of(), List.of(50), List.of(50), List.of(50, 80), List.of(50, 80, 100));
    }

    @Test
    void aStatusSaysWhatEachGatewayRunReportedOfTheSpend() {
        aggregator.define(budget("100").build());
        values();
        aggregator.send(Events.event("acme", NOW, "2").setGatewayRun("r1").build());
        aggregator.send(Events.event("acme", NOW.minus(Duration.ofDays(3)), "4")
                .setGatewayRun("r1")
                .build());
        aggregator.send(Events.event("acme", NOW, "8").setGatewayRun("r2").build());
        aggregator.send(Events.event("acme", NOW, "0")
                .setUncachedInputTokens(0)
                .setTextOutputTokens(0)
                .setGatewayRun("r3")
                .build());
        spend("2026-11-23T00:00:00Z", "16");

        List<BudgetStatus> statuses = values();
        BudgetStatus last = statuses.get(statuses.size() - 1);
        assertThat(last.getSpentUsd()).isEqualByComparingTo("30");
        assertThat(last.getSpentByGatewayRun())
                .containsOnlyKeys("r1", "r2")
                .containsEntry("r1", Money.exact(new BigDecimal("6")))
                .containsEntry("r2", Money.exact(new BigDecimal("8")));
    }

    @Test
    void aLateEventCountsInThePeriodWhereItBelongs() {
        aggregator.define(budget("100").build());
        aggregator.newStatuses();
        spend("2026-10-30T00:00:00Z", "3");

        assertThat(only().key()).isEqualTo("b1|2026-10-01T00:00:00Z");
    }

    @Test
    void aNewPeriodIsReportedWithoutTraffic() {
        aggregator.define(budget("100").build());
        spend("2026-11-23T00:00:00Z", "85");
        aggregator.newStatuses();
        aggregator.advance(Duration.ofDays(7).plusHours(11).plusMinutes(59).plusSeconds(59));
        assertThat(aggregator.newStatuses()).isEmpty();

        aggregator.advance(Duration.ofSeconds(2));

        TestRecord<String, BudgetStatus> record = only();
        assertThat(record.key()).isEqualTo("b1|2026-12-01T00:00:00Z");
        assertThat(record.value().getSpentUsd()).isEqualByComparingTo("0");
    }

    @Test
    void aRemovedBudgetIsClosedLeavesTombstonesAndIsReportedNoMore() {
        aggregator.define(budget("100").build());
        long revision = only().value().getRevision();
        aggregator.defineBytes("b1", null);

        List<TestRecord<String, BudgetStatus>> last = aggregator.newStatuses();
        assertThat(last).extracting(TestRecord::key).containsOnly("b1|2026-11-01T00:00:00Z");
        assertThat(last).hasSize(2);
        assertThat(last.get(0).value().getClosed()).isTrue();
        assertThat(last.get(0).value().getRevision()).isGreaterThan(revision);
        assertThat(last.get(1).value()).isNull();
        spend("2026-11-23T00:00:00Z", "85");
        assertThat(aggregator.newStatuses()).isEmpty();
    }

    @Test
    void onlyTheTenantsOwnSpendCounts() {
        aggregator.define(budget("100").build());
        aggregator.newStatuses();
        aggregator.send(Events.event("acme2", NOW, "5").build());

        assertThat(aggregator.newStatuses()).isEmpty();
    }

    @Test
    void whatSaysNothingNewIsNotReportedAgain() {
        aggregator.define(budget("100").build());
        aggregator.define(budget("100").setUpdatedAt(NOW).build());
        aggregator.send(Events.event("acme", NOW, "0")
                .setUncachedInputTokens(0)
                .setTextOutputTokens(0)
                .build());

        assertThat(aggregator.newStatuses()).hasSize(1);
    }

    @Test
    void definitionsThatCannotBeAppliedAsTheySayAreDeadLettersAndTheOneBeforeStaysInForce() {
        aggregator.define(budget("100").build());
        aggregator.newStatuses();
        for (Budget wrong : List.of(
                budget("100").setDimensions(Map.of("tag.color", "red")).build(),
                budget("100").setTimeZone("Nowhere").build(),
                budget("100").setPeriod("year").build(),
                budget("-1").build(),
                budget("100").setThresholdsPercent(List.of(0)).build(),
                budget("100").setTenant("other").build())) {
            aggregator.define(wrong);
        }
        aggregator.defineBytes("b1", new byte[] {9});
        aggregator.defineBytes(
                "b2",
                TestSerdes.all()
                        .budgets()
                        .serializer()
                        .serialize("", budget("1").build()));

        assertThat(aggregator.newDeadLetters())
                .extracting(letter -> AggregatorDriver.header(letter, DeadLetter.REASON))
                .containsExactly("invalid", "invalid", "invalid", "invalid", "invalid", "invalid", "poison", "invalid");
        spend("2026-11-23T00:00:00Z", "1");
        assertThat(only().value().getLimitUsd()).isEqualByComparingTo("100");
    }

    @Test
    void manyCallsMakeOneStatus() {
        aggregator.define(budget("100").build());
        values();
        for (int i = 0; i < 50; i++) {
            spend("2026-11-23T00:00:00Z", "1");
        }

        assertThat(only().value().getSpentUsd()).isEqualByComparingTo("50");
    }

    @Test
    void onlyCallsOfItsScopeCountAlsoThoseOfBeforeItWasDefined() {
        sendTagged("growth", "openai", "gpt-4o-2024-08-06", "1");
        sendTagged("growth", "openai", "gpt-4o-mini-2024-07-18", "2");
        sendTagged("growth", "anthropic", "claude-sonnet-4-5", "4");
        sendTagged("search", "openai", "gpt-4o-2024-08-06", "8");
        aggregator.define(budget("100")
                .setDimensions(Map.of("tag.team", "growth", "model", "gpt-4o"))
                .build());
        assertThat(only().value().getSpentUsd()).isEqualByComparingTo("1");

        sendTagged("growth", "openai", "gpt-4o-2024-08-06", "16");
        sendTagged("search", "openai", "gpt-4o-2024-08-06", "32");
        assertThat(only().value().getSpentUsd()).isEqualByComparingTo("17");
        aggregator.define(
                budget("100").setDimensions(Map.of("tag.team", "growth")).build());
        assertThat(only().value().getSpentUsd()).isEqualByComparingTo("23");
    }

    @Test
    void aWeekBeginsOnMondayInTheBudgetsZone() {
        // Monday begins in Kathmandu (+05:45) on Sunday at 18:15 in UTC.
        spend("2026-11-22T18:14:59.999999Z", "1");
        spend("2026-11-22T18:15:00Z", "2");
        aggregator.define(
                budget("100").setPeriod("week").setTimeZone("Asia/Kathmandu").build());
        TestRecord<String, BudgetStatus> week = only();
        assertThat(week.key()).isEqualTo("b1|2026-11-22T18:15:00Z");
        assertThat(week.value().getPeriodEnd()).isEqualTo("2026-11-29T18:15:00Z");
        assertThat(week.value().getSpentUsd()).isEqualByComparingTo("2");

        spend("2026-11-22T18:14:59.999999Z", "4");
        assertThat(only().value())
                .satisfies(late -> assertThat(late.getPeriodStart()).isEqualTo("2026-11-15T18:15:00Z"))
                .satisfies(late -> assertThat(late.getSpentUsd()).isEqualByComparingTo("5"));
    }

    @Test
    void aDayThatClocksMakeLongerCountsAllOfItsHours() {
        AggregatorDriver october = new AggregatorDriver(Instant.parse("2026-10-25T12:00:00Z"));
        try (october) {
            october.define(
                    budget("100").setPeriod("day").setTimeZone("Europe/Berlin").build());
            october.newStatuses();
            // 25 October has 25 hours in Berlin: from 22:00 to 23:00 the day after, in UTC.
            october.send(Events.event("acme", Instant.parse("2026-10-24T22:00:00Z"), "1")
                    .build());
            october.send(Events.event("acme", Instant.parse("2026-10-25T22:59:59Z"), "2")
                    .build());
            october.send(Events.event("acme", Instant.parse("2026-10-25T23:00:00Z"), "4")
                    .build());
            assertThat(october.newStatuses())
                    .extracting(record -> record.value().getSpentUsd().stripTrailingZeros())
                    .containsExactly(new BigDecimal("3"), new BigDecimal("4"));
        }
    }

    @Test
    void aBudgetInTokensCountsAllOfThem() {
        aggregator.define(budget("0").setAmountTokens(100L).setPeriod("total").build());
        assertThat(only().key()).isEqualTo("b1|1970-01-01T00:00:00Z");
        aggregator.send(Events.event("acme", NOW, "0")
                .setCostUsd(null)
                .setCacheReadInputTokens(60)
                .setGatewayRun("r1")
                .build());
        spend("2026-10-23T00:00:00Z", "1");

        BudgetStatus status = only().value();
        assertThat(status.getSpentTokens()).isEqualTo(90);
        assertThat(status.getTokensByGatewayRun()).containsExactly(Map.entry("r1", 75L));
        assertThat(status.getLimitTokens()).isEqualTo(100);
        assertThat(status.getThresholdsCrossed()).containsExactly(80);
    }

    @Test
    void aBudgetOfAnotherPeriodClosesTheOneThatRan() {
        spend("2026-11-20T00:00:00Z", "1");
        spend("2026-11-23T00:00:00Z", "2");
        aggregator.define(budget("100").build());
        values();
        aggregator.define(budget("100").setPeriod("day").build());

        List<TestRecord<String, BudgetStatus>> records = aggregator.newStatuses();
        assertThat(records)
                .extracting(TestRecord::key)
                .containsExactly("b1|2026-11-01T00:00:00Z", "b1|2026-11-01T00:00:00Z", "b1|2026-11-23T00:00:00Z");
        assertThat(records.get(0).value().getClosed()).isTrue();
        assertThat(records.get(1).value()).isNull();
        assertThat(records.get(2).value().getSpentUsd()).isEqualByComparingTo("2");
    }

    @Test
    void aRunThatReportedNothingForADayIsLeftOutAndComesBackWithAllThatItReported() {
        aggregator.define(budget("100").build());
        aggregator.send(Events.event("acme", NOW, "2").setGatewayRun("r1").build());
        values();
        aggregator.advance(Duration.ofHours(25));
        spend("2026-11-23T00:00:00Z", "1");
        assertThat(only().value().getSpentByGatewayRun()).isEmpty();
        aggregator.send(Events.event("acme", NOW, "4").setGatewayRun("r1").build());
        assertThat(only().value().getSpentByGatewayRun()).containsEntry("r1", Money.exact(new BigDecimal("6")));
    }

    private void sendTagged(String team, String provider, String model, String usd) {
        aggregator.send(Events.event("acme", NOW, usd)
                .setTags(Map.of("team", team))
                .setProvider(provider)
                .setModel(model)
                .build());
    }

    @Test
    void anotherNameForUtcIsUtc() {
        aggregator.define(budget("100").setTimeZone("Etc/UTC").build());

        assertThat(aggregator.newStatuses()).hasSize(1);
    }

    private static Budget.Builder budget(String amount) {
        return AggregatorDriver.budget("b1", "acme", amount).setAmountUsd(Money.exact(new BigDecimal(amount)));
    }

    private void spend(String at, String usd) {
        aggregator.send(Events.event("acme", Instant.parse(at), usd).build());
    }

    private List<BudgetStatus> values() {
        return aggregator.newStatuses().stream().map(TestRecord::value).toList();
    }

    private TestRecord<String, BudgetStatus> only() {
        List<TestRecord<String, BudgetStatus>> records = aggregator.newStatuses();
        assertThat(records).hasSize(1);
        return records.get(0);
    }
}
