package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.AnomalyContributor;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Teams, keys, features and models of a tenant, what explains a difference, and that people hear of it once. */
class AnomalyGroupsTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 23);

    private AggregatorDriver aggregator =
            new AggregatorDriver(NOW, Map.of("stream-aggregator.anomaly.rules", "day_over_average"));

    @AfterEach
    void close() {
        aggregator.close();
    }

    @Test
    void aTeamThatDoublesFiresThoughItsTenantDoesNot() {
        for (int back = 1; back <= 3; back++) {
            spend(TODAY.minusDays(back), "growth", "batch-7", "gpt-4o", "10");
            spend(TODAY.minusDays(back), "search", "web-1", "gpt-4o", "100");
        }
        spend(TODAY, "growth", "batch-7", "gpt-4o", "20");
        assertThat(aggregator.newAnomalies()).isEmpty();
        spend(TODAY, "growth", "batch-7", "o3", "0.01");

        List<Anomaly> told = aggregator.newAnomalies();
        assertThat(told)
                .extracting(Anomaly::getAnomalyId, Anomaly::getPartOf)
                .containsExactly(
                        tuple("day_over_average|acme|2026-11-23|api_key_id|batch-7", null),
                        tuple(
                                "day_over_average|acme|2026-11-23|tag.team|growth",
                                "day_over_average|acme|2026-11-23|api_key_id|batch-7"));
        assertThat(told.get(1).getDimensions()).isEqualTo(Map.of("tenant", "acme", "tag.team", "growth"));
        assertThat(told.get(1).getExpectedUsd()).isEqualByComparingTo("10");
        assertThat(told.get(1).getObservedUsd()).isEqualByComparingTo("20.01");
        assertThat(told.get(1).getSince()).isEqualTo("2026-11-23T00:00:00Z");
    }

    @Test
    void contributorsExplainTheDifferenceToTheLastDigit() {
        for (int back = 1; back <= 3; back++) {
            spend(TODAY.minusDays(back), "growth", "batch-7", "gpt-4o", "10");
            spend(TODAY.minusDays(back), "search", "web-1", "gpt-5", "20.000000000001");
        }
        spend(TODAY, "search", "web-1", "gpt-5", "19");
        spend(TODAY, "growth", "batch-7", "gpt-4o", "70");

        Anomaly tenant = aggregator.newAnomalies().get(0);
        assertThat(tenant.getAnomalyId()).isEqualTo("day_over_average|acme|2026-11-23");
        assertThat(tenant.getContributors())
                .as("what spends less than expected explains nothing")
                .extracting(
                        AnomalyContributor::getDimensions,
                        part -> part.getExpectedUsd().toPlainString(),
                        part -> part.getObservedUsd().toPlainString())
                .containsExactly(
                        tuple(Map.of("model", "gpt-4o"), "10.000000000000", "70.000000000000"),
                        tuple(Map.of("api_key_id", "batch-7"), "10.000000000000", "70.000000000000"),
                        tuple(Map.of("tag.team", "growth"), "10.000000000000", "70.000000000000"),
                        tuple(
                                Map.of("model", "gpt-4o", "api_key_id", "batch-7"),
                                "10.000000000000",
                                "70.000000000000"));
    }

    @Test
    void groupsOfATenantThatFiredArePartOfIt() {
        for (int back = 1; back <= 3; back++) {
            spend(TODAY.minusDays(back), "growth", "batch-7", "gpt-4o", "10");
        }
        spend(TODAY, "growth", "batch-7", "gpt-4o", "21");

        List<Anomaly> told = aggregator.newAnomalies();
        assertThat(told).hasSize(4);
        assertThat(told.get(0).getPartOf()).isNull();
        assertThat(told.subList(1, 4)).extracting(Anomaly::getPartOf).containsOnly("day_over_average|acme|2026-11-23");
    }

    @Test
    void aTenantWhoseDifferenceIsMostlyThatOfATeamAlreadyToldIsPartOfTheTeams() {
        for (int back = 1; back <= 3; back++) {
            spend(TODAY.minusDays(back), "growth", "k" + back, "m" + back, "10");
            spend(TODAY.minusDays(back), "search", "k", "m", "10");
        }
        spend(TODAY, "growth", "k0", "m0", "25");
        assertThat(aggregator.newAnomalies())
                .extracting(Anomaly::getAnomalyId)
                .containsExactly("day_over_average|acme|2026-11-23|tag.team|growth");
        spend(TODAY, "search", "k0", "m0", "16");

        assertThat(aggregator.newAnomalies())
                .extracting(Anomaly::getAnomalyId, Anomaly::getPartOf)
                .containsExactly(
                        tuple("day_over_average|acme|2026-11-23", "day_over_average|acme|2026-11-23|tag.team|growth"));
    }

    @Test
    void whatWasPartOfAnAnomalyThatIsTakenBackIsToldOnItsOwn() {
        for (int back = 1; back <= 3; back++) {
            spend(TODAY.minusDays(back), "growth", "batch-7", "gpt-4o", "10");
            spend(TODAY.minusDays(back), "search", "web-1", "gpt-5", "1");
        }
        UsageEvent dear = spend(TODAY, "search", "web-1", "gpt-5", "9");
        spend(TODAY, "growth", "batch-7", "gpt-4o", "21");
        assertThat(aggregator.newAnomalies()).hasSize(4);
        UsageEvent cheap = UsageEvent.newBuilder(dear)
                .setCostUsd(Money.exact(BigDecimal.ONE))
                .build();
        aggregator.send(UsageCorrections.correct(dear, cheap, NOW, "test", "wrong price"));

        List<Anomaly> told = aggregator.newAnomalies();
        assertThat(told.get(0).getAnomalyId()).isEqualTo("day_over_average|acme|2026-11-23");
        assertThat(told.get(0).getResolved()).as("22 is twice 11").isTrue();
        assertThat(told.subList(1, 4)).extracting(Anomaly::getPartOf).containsOnlyNulls();
        assertThat(told.subList(1, 4)).extracting(Anomaly::getResolved).containsOnly(false);
    }

    @Test
    void aGroupBelowItsOwnMinimumIsNotWorthAnAlarm() {
        for (int back = 1; back <= 3; back++) {
            spend(TODAY.minusDays(back), "growth", "batch-7", "gpt-4o", "1");
            spend(TODAY.minusDays(back), "search", "web-1", "gpt-5", "50");
        }
        spend(TODAY, "growth", "batch-7", "gpt-4o", "9.99");

        assertThat(aggregator.newAnomalies()).isEmpty();
    }

    @Test
    void valuesBeyondTheBoundCountForTheTenantAndAsOther() {
        aggregator.close();
        aggregator = new AggregatorDriver(
                NOW,
                Map.of(
                        "stream-aggregator.anomaly.rules", "day_over_average",
                        "stream-aggregator.anomaly.groups", "tag.team",
                        "stream-aggregator.anomaly.max-subjects", "1"));
        for (int back = 3; back >= 1; back--) {
            spend(TODAY.minusDays(back), "growth", "k", "m", "10");
            spend(TODAY.minusDays(back), "search", "k", "m", "10");
        }
        spend(TODAY, "search", "k", "m", "50");

        List<Anomaly> told = aggregator.newAnomalies();
        assertThat(told).extracting(Anomaly::getAnomalyId).containsExactly("day_over_average|acme|2026-11-23");
        assertThat(told.get(0).getContributors())
                .extracting(AnomalyContributor::getDimensions)
                .containsExactly(Map.of("tag.team", "(other)"));
        assertThat(aggregator
                        .meters
                        .get("tokenmeter.aggregator.anomaly.others")
                        .counter()
                        .count())
                .isEqualTo(4);
    }

    @Test
    void anAnomalyIsToldAgainWhenItHasMoreThanDoubled() {
        for (int back = 1; back <= 3; back++) {
            spend(TODAY.minusDays(back), "growth", "batch-7", "gpt-4o", "10");
        }
        spend(TODAY, "growth", "batch-7", "gpt-4o", "30");
        Anomaly first = aggregator.newAnomalies().get(0);
        spend(TODAY, "growth", "batch-7", "gpt-4o", "30");
        assertThat(aggregator.newAnomalies()).isEmpty();
        spend(TODAY, "growth", "batch-7", "gpt-4o", "0.01");

        Anomaly again = aggregator.newAnomalies().get(0);
        assertThat(again.getAnomalyId()).isEqualTo(first.getAnomalyId());
        assertThat(again.getDetectedAt()).isEqualTo(first.getDetectedAt());
        assertThat(again.getRevision()).isGreaterThan(first.getRevision());
        assertThat(again.getObservedUsd()).isEqualByComparingTo("60.01");
        assertThat(first.getSeverity()).isEqualTo("warning");
        assertThat(again.getSeverity()).as("six times its average").isEqualTo("critical");
    }

    private UsageEvent spend(LocalDate day, String team, String key, String model, String usd) {
        Instant at = day.atTime(11, 0).toInstant(ZoneOffset.UTC);
        UsageEvent event = Events.event("acme", at, usd)
                .setApiKeyId(key)
                .setModel(model)
                .setTags(Map.of("team", team))
                .build();
        aggregator.send(event);
        return event;
    }
}
