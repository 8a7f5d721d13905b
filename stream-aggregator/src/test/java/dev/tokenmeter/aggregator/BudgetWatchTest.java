package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.service.topics.DeadLetter;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
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
        aggregator.define(
                budget("100").setThresholdsPercent(List.of(50, 80, 100)).build());
        spend("2026-11-23T00:00:00Z", "79.999999999999");
        spend("2026-11-23T00:00:00Z", "0.000000000001");
        spend("2026-11-23T00:00:00Z", "20");

        assertThat(values())
                .extracting(BudgetStatus::getThresholdsCrossed)
                .containsExactly(List.of(), List.of(50), List.of(50, 80), List.of(50, 80, 100));
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
        aggregator.send(Events.event("acme", NOW, "0").setGatewayRun("r3").build());
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
    void aDaysSpendReadsWhatEarlierReleasesKept() {
        assertThat(Spend.fromText("1.500000000000")).isEqualTo(new Spend(new BigDecimal("1.500000000000"), Map.of()));
        Spend spend = new Spend(new BigDecimal("3"), Map.of("a\",\"b", new BigDecimal("1"), "r", new BigDecimal("2")));
        assertThat(Spend.fromText(spend.toText())).isEqualTo(spend);
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
    void aRemovedBudgetLeavesTombstonesAndIsReportedNoMore() {
        aggregator.define(budget("100").build());
        aggregator.newStatuses();
        aggregator.defineBytes("b1", null);

        TestRecord<String, BudgetStatus> tombstone = only();
        assertThat(tombstone.key()).isEqualTo("b1|2026-11-01T00:00:00Z");
        assertThat(tombstone.value()).isNull();
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
        spend("2026-11-23T00:00:00Z", "0");

        assertThat(aggregator.newStatuses()).hasSize(1);
    }

    @Test
    void definitionsThatCannotBeAppliedAsTheySayAreDeadLettersAndTheOneBeforeStaysInForce() {
        aggregator.define(budget("100").build());
        aggregator.newStatuses();
        for (Budget wrong : List.of(
                budget("100").setTimeZone("Europe/Berlin").build(),
                budget("100").setTimeZone("Nowhere").build(),
                budget("100").setPeriod("week").build(),
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
