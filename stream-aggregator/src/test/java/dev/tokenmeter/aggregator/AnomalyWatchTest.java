package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnomalyWatchTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 23);

    /** The tenant alone; of its groups: {@code AnomalyGroupsTest}. */
    private static final Map<String, String> TENANTS =
            Map.of("stream-aggregator.anomaly.groups", "none", "stream-aggregator.anomaly.rules", "day_over_average");

    private AggregatorDriver aggregator = new AggregatorDriver(NOW, TENANTS);

    @AfterEach
    void close() {
        aggregator.close();
    }

    @Test
    void exactlyTwiceTheAverageDoesNotFireAndTheSmallestAmountMoreDoes() {
        history("10", "10", "10");
        spend(TODAY, "20");
        assertThat(aggregator.newAnomalies()).isEmpty();

        spend(TODAY, "0.000000000001");

        List<Anomaly> anomalies = aggregator.newAnomalies();
        assertThat(anomalies).hasSize(1);
        Anomaly anomaly = anomalies.get(0);
        assertThat(anomaly.getAnomalyId()).isEqualTo("day_over_average|acme|2026-11-23");
        assertThat(anomaly.getRule()).isEqualTo("day_over_average");
        assertThat(anomaly.getObservedUsd()).isEqualByComparingTo("20.000000000001");
        assertThat(anomaly.getExpectedUsd()).isEqualByComparingTo("10");
        assertThat(anomaly.getFactor()).isEqualByComparingTo("2");
        assertThat(anomaly.getWindowStart()).isEqualTo("2026-11-23T00:00:00Z");
        assertThat(anomaly.getWindowEnd()).isEqualTo("2026-11-24T00:00:00Z");
    }

    @Test
    void aDayIsReportedOnce() {
        history("10", "10", "10");
        spend(TODAY, "30");
        spend(TODAY, "30");

        assertThat(aggregator.newAnomalies()).hasSize(1);
    }

    @Test
    void theNextDayCanBeReportedAgain() {
        history("10", "10", "10");
        spend(TODAY, "30");
        aggregator.advance(Duration.ofDays(1));
        spend(TODAY.plusDays(1), "100");

        assertThat(aggregator.newAnomalies()).hasSize(2);
    }

    @Test
    void lessThanThreeDaysOfHistoryTellNothing() {
        history("10", "10");
        spend(TODAY, "1000");

        assertThat(aggregator.newAnomalies()).isEmpty();
    }

    @Test
    void daysWithoutDataSinceTheFirstDayWithDataCountAsZero() {
        for (int back : new int[] {7, 4, 1}) {
            spend(TODAY.minusDays(back), "7");
        }
        spend(TODAY, "6");
        assertThat(aggregator.newAnomalies()).as("2 × 21 / 7 days").isEmpty();
        spend(TODAY, "0.01");

        assertThat(aggregator.newAnomalies()).hasSize(1);
    }

    @Test
    void daysBeforeTheFirstDayWithDataDoNotCount() {
        history("7", "7", "7");
        spend(TODAY, "13.99");

        assertThat(aggregator.newAnomalies()).isEmpty();
    }

    @Test
    void aDayOlderThanTheWindowMakesEarlyEmptyDaysOfTheWindowCount() {
        spend(TODAY.minusDays(20), "1000");
        history("7", "7", "7");
        spend(TODAY, "6.01");

        assertThat(aggregator.newAnomalies()).as("2 × 21 / 7 days").hasSize(1);
    }

    @Test
    void aDayBelowTheMinimumSpendIsNotWorthAnAlarm() {
        history("0.01", "0.01", "0.01");
        spend(TODAY, "0.99");
        assertThat(aggregator.newAnomalies()).isEmpty();
        spend(TODAY, "0.01");

        assertThat(aggregator.newAnomalies()).hasSize(1);
    }

    @Test
    void aPastDayIsJudgedAsWell() {
        history("10", "10", "10", "10", "10");
        spend(TODAY, "10");
        assertThat(aggregator.newAnomalies()).isEmpty();
        spend(TODAY.minusDays(2), "1000");

        assertThat(aggregator.newAnomalies())
                .extracting(Anomaly::getAnomalyId, Anomaly::getResolved)
                .containsExactly(tuple("day_over_average|acme|2026-11-21", false));
    }

    @Test
    void aDayInTheFutureOfTheClockIsNotJudged() {
        history("10", "10", "10");
        spend(TODAY.plusDays(1), "1000");

        assertThat(aggregator.newAnomalies()).isEmpty();
    }

    @Test
    void whatIsNoAnomalyAfterLateSpendOnAnEarlierDayIsTakenBackOnce() {
        history("10", "10", "10");
        spend(TODAY, "30");
        Anomaly told = aggregator.newAnomalies().get(0);
        spend(TODAY.minusDays(2), "15");
        List<Anomaly> takenBack = aggregator.newAnomalies();
        spend(TODAY.minusDays(2), "1");

        assertThat(takenBack).hasSize(1);
        assertThat(takenBack.get(0).getAnomalyId()).isEqualTo(told.getAnomalyId());
        assertThat(takenBack.get(0).getResolved()).as("30 is twice 45 / 3").isTrue();
        assertThat(takenBack.get(0).getRevision()).isGreaterThan(told.getRevision());
        assertThat(aggregator.newAnomalies()).isEmpty();
    }

    @Test
    void whatWasTakenBackCanBeToldAgain() {
        history("10", "10", "10");
        spend(TODAY, "30");
        aggregator.newAnomalies();
        spend(TODAY.minusDays(2), "15");
        Anomaly takenBack = aggregator.newAnomalies().get(0);
        spend(TODAY, "1");

        List<Anomaly> again = aggregator.newAnomalies();
        assertThat(again).hasSize(1);
        assertThat(again.get(0).getResolved()).isFalse();
        assertThat(again.get(0).getRevision()).isGreaterThan(takenBack.getRevision());
    }

    @Test
    void aCorrectionThatLowersASpendTakesItsAnomalyBack() {
        history("10", "10", "10");
        UsageEvent dear = spend(TODAY, "30");
        aggregator.newAnomalies();
        UsageEvent cheap = UsageEvent.newBuilder(dear)
                .setCostUsd(Money.exact(new BigDecimal("3")))
                .build();
        aggregator.send(UsageCorrections.correct(dear, cheap, NOW, "test", "wrong price"));

        assertThat(aggregator.newAnomalies()).extracting(Anomaly::getResolved).containsExactly(true);
    }

    @Test
    void yesterdayIsStillJudgedWhenItsLastEventsComeAfterMidnight() {
        history("10", "10", "10", "10");
        spend(TODAY, "1");
        spend(TODAY.minusDays(1), "15");

        assertThat(aggregator.newAnomalies())
                .extracting(Anomaly::getAnomalyId)
                .containsExactly("day_over_average|acme|2026-11-22");
    }

    @Test
    void theDayIsThatOfTheTenantsClocks() {
        aggregator.close();
        aggregator = new AggregatorDriver(
                NOW,
                Map.of(
                        "stream-aggregator.anomaly.groups", "none",
                        "stream-aggregator.anomaly.rules", "day_over_average",
                        "tenants.acme.time-zone", "Asia/Kathmandu"));
        for (int back = 3; back >= 1; back--) {
            Instant midnight = NOW.truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(back));
            aggregator.send(Events.event("acme", midnight, "10").build());
        }
        // 18:15 UTC is midnight in Kathmandu.
        aggregator.send(Events.event("acme", Instant.parse("2026-11-22T18:14:59Z"), "10.01")
                .build());
        aggregator.send(Events.event("acme", Instant.parse("2026-11-22T18:15:00Z"), "10")
                .build());

        assertThat(aggregator.newAnomalies()).isEmpty();
        // The days before spent 10, 10 and 20.01.
        aggregator.send(Events.event("acme", Instant.parse("2026-11-23T04:00:00Z"), "17")
                .build());

        assertThat(aggregator.newAnomalies())
                .extracting(Anomaly::getAnomalyId, Anomaly::getWindowStart, Anomaly::getTimeZone)
                .containsExactly(tuple(
                        "day_over_average|acme|2026-11-23", Instant.parse("2026-11-22T18:15:00Z"), "Asia/Kathmandu"));
    }

    @Test
    void factorWindowHistoryAndMinimumAreSettings() {
        aggregator.close();
        aggregator = new AggregatorDriver(
                NOW,
                Map.of(
                        "stream-aggregator.anomaly.groups", "none",
                        "stream-aggregator.anomaly.factor", "1.5",
                        "stream-aggregator.anomaly.window-days", "2",
                        "stream-aggregator.anomaly.min-history-days", "1",
                        "stream-aggregator.anomaly.min-spend-usd", "0"));
        spend(TODAY.minusDays(3), "100");
        spend(TODAY.minusDays(1), "0.2");
        spend(TODAY, "0.16");

        assertThat(aggregator.newAnomalies()).as("1.5 × 0.2 / 2 days").hasSize(1);
    }

    /** Spends on the days before today, the last amount yesterday. */
    private void history(String... amounts) {
        for (int i = 0; i < amounts.length; i++) {
            spend(TODAY.minusDays(amounts.length - i), amounts[i]);
        }
    }

    private UsageEvent spend(LocalDate day, String usd) {
        Instant at = day.atTime(LocalTime.NOON).toInstant(ZoneOffset.UTC);
        UsageEvent event = Events.event("acme", at, usd).build();
        aggregator.send(event);
        return event;
    }
}
