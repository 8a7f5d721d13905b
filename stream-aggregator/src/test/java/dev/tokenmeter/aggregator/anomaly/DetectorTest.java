package dev.tokenmeter.aggregator.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.AnomalyContributor;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DetectorTest {
    private static final ZoneId UTC = ZoneId.of("UTC");
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    /** A Monday. */
    private static final LocalDate MONDAY = LocalDate.of(2026, 11, 23);

    @Test
    void anHourFarAboveTheSameHoursOfTheWeekFiresWhileItRuns() {
        Scene scene = new Scene(UTC, HourOfWeek.NAME);
        weeks(scene, UTC, 3, 10, "10");
        scene.call(at(UTC, MONDAY, 10, 5), "k1", "chat", "30", 10, 1);
        assertThat(scene.told).isEmpty();
        scene.call(at(UTC, MONDAY, 10, 20), "k2", "chat", "0.01", 10, 1);

        Anomaly tenant = scene.last.get("hour_of_week|acme|2026-11-23");
        assertThat(scene.heard()).containsExactly(tenant.getAnomalyId());
        assertThat(tenant.getExpectedUsd()).isEqualByComparingTo("10");
        assertThat(tenant.getObservedUsd()).isEqualByComparingTo("30.01");
        assertThat(tenant.getSince()).isEqualTo("2026-11-23T10:00:00Z");
        assertThat(tenant.getWindowEnd()).isEqualTo("2026-11-23T11:00:00Z");
        assertThat(tenant.getDetectedAt()).isEqualTo("2026-11-23T10:25:00Z");
        assertThat(tenant.getContributors())
                .filteredOn(part -> part.getDimensions().equals(Map.of("api_key_id", "k1")))
                .extracting(AnomalyContributor::getObservedUsd, AnomalyContributor::getExpectedUsd)
                .allSatisfy(figures -> assertThat(figures.toList().toString()).startsWith("[30.0"));
    }

    @Test
    void theSameSpendAtTheWeeksBusyHourIsNormal() {
        Scene scene = new Scene(UTC, HourOfWeek.NAME);
        weeks(scene, UTC, 3, 10, "10");
        for (int week = 3; week >= 1; week--) {
            for (int hour = 13; hour <= 15; hour++) {
                scene.call(at(UTC, MONDAY.minusWeeks(week), hour, 0), "k1", "chat", "30", 10, 1);
            }
        }
        scene.told.clear();
        scene.call(at(UTC, MONDAY, 14, 0), "k1", "chat", "31", 10, 1);

        assertThat(scene.told).isEmpty();
    }

    @Test
    void theOddHoursOfADayAreOneAnomalySinceTheFirst() {
        Scene scene = new Scene(UTC, HourOfWeek.NAME);
        weeks(scene, UTC, 3, 10, "10");
        scene.call(at(UTC, MONDAY, 10, 0), "k1", "chat", "40", 10, 1);
        scene.call(at(UTC, MONDAY, 11, 0), "k1", "chat", "50", 10, 1);

        assertThat(scene.heard()).containsExactly("hour_of_week|acme|2026-11-23");
        Anomaly told = scene.last.get("hour_of_week|acme|2026-11-23");
        assertThat(told.getObservedUsd()).as("90 is more than twice 40").isEqualByComparingTo("90");
        assertThat(told.getExpectedUsd()).isEqualByComparingTo("20");
        assertThat(told.getSince()).isEqualTo("2026-11-23T10:00:00Z");
        assertThat(told.getWindowEnd()).isEqualTo("2026-11-23T12:00:00Z");
    }

    @Test
    void anHourIsTakenBackWhenLateCallsMakeItNormal() {
        Scene scene = new Scene(UTC, HourOfWeek.NAME);
        weeks(scene, UTC, 3, 10, "10");
        scene.call(at(UTC, MONDAY, 10, 0), "k1", "chat", "40", 10, 1);
        for (int week = 1; week <= 3; week++) {
            for (int hour = 9; hour <= 11; hour++) {
                scene.add(
                        List.of(Scene.delta(at(UTC, MONDAY.minusWeeks(week), hour, 30), "k1", "chat", "10", 1, 1)),
                        at(UTC, MONDAY, 10, 30));
            }
        }

        assertThat(scene.heard()).isEmpty();
        assertThat(scene.last.get("hour_of_week|acme|2026-11-23").getResolved()).isTrue();
    }

    @Test
    void withoutTwoWeeksOfHistoryNoHourIsJudged() {
        Scene scene = new Scene(UTC, HourOfWeek.NAME);
        weeks(scene, UTC, 1, 10, "10");
        scene.call(at(UTC, MONDAY, 10, 0), "k1", "chat", "1000", 10, 1);

        assertThat(scene.told).isEmpty();
    }

    @Test
    void hoursFollowTheTenantsClocksAcrossTheChangeToWinterTime() {
        Scene scene = new Scene(BERLIN, HourOfWeek.NAME);
        LocalDate sunday = LocalDate.of(2026, 10, 25);
        for (LocalDate day = sunday.minusWeeks(3); day.isBefore(sunday.plusDays(5)); day = day.plusDays(1)) {
            for (int hour = 9; hour <= 11; hour++) {
                scene.call(at(BERLIN, day, hour, 0), "k1", "chat", hour == 10 ? "20" : "10", 10, 1);
            }
        }

        assertThat(scene.told).isEmpty();
    }

    @Test
    void daysAreTheTenantsAlsoOf23And25Hours() {
        for (LocalDate day : new LocalDate[] {LocalDate.of(2026, 3, 29), LocalDate.of(2026, 10, 25)}) {
            Scene scene = new Scene(BERLIN, DayOverAverage.NAME);
            for (int back = 4; back >= 1; back--) {
                scene.call(at(BERLIN, day.minusDays(back), 12, 0), "k1", "chat", "10", 10, 1);
            }
            scene.call(at(BERLIN, day, 0, 0), "k1", "chat", "10", 10, 1);
            scene.call(day.plusDays(1).atStartOfDay(BERLIN).minusMinutes(5).toInstant(), "k1", "chat", "10", 10, 1);
            scene.call(day.plusDays(1).atStartOfDay(BERLIN).toInstant(), "k1", "chat", "10", 10, 1);
            assertThat(scene.told)
                    .as("20 is twice 10, and what comes at midnight is the next day's")
                    .isEmpty();
            scene.call(at(BERLIN, day, 23, 50), "k1", "chat", "0.01", 10, 1);

            Anomaly told = scene.last.get("day_over_average|acme|" + day);
            assertThat(told.getWindowStart()).isEqualTo(day.atStartOfDay(BERLIN).toInstant());
            assertThat(Duration.between(told.getWindowStart(), told.getWindowEnd()))
                    .isEqualTo(Duration.ofHours(day.getMonthValue() == 3 ? 23 : 25));
            assertThat(told.getTimeZone()).isEqualTo("Europe/Berlin");
        }
    }

    @Test
    void aKeyInALoopFiresWithinFiveMinutesOnceADayAndOnItsOwn() {
        Scene scene = new Scene(UTC, TokenRate.NAME, DayOverAverage.NAME);
        for (int back = 4; back >= 1; back--) {
            scene.call(at(UTC, MONDAY.minusDays(back), 12, 0), "k1", "chat", "0.1", 1_000, 1);
            scene.call(at(UTC, MONDAY.minusDays(back), 13, 0), "k2", "chat", "10", 1_000, 1);
        }
        scene.call(at(UTC, MONDAY, 9, 0), "k2", "chat", "30", 1_000, 1);
        assertThat(scene.heard()).containsExactly("day_over_average|acme|2026-11-23");
        scene.call(at(UTC, MONDAY, 14, 5), "k1", "chat", "0.4", 4_001, 1);
        scene.call(at(UTC, MONDAY, 14, 15), "k1", "chat", "0.4", 5_000, 1);

        assertThat(scene.heard())
                .as("what was told of the tenant says nothing of this key")
                .containsExactlyInAnyOrder(
                        "day_over_average|acme|2026-11-23", "token_rate|acme|2026-11-23|api_key_id|k1");
        Anomaly told = scene.last.get("token_rate|acme|2026-11-23|api_key_id|k1");
        assertThat(told.getObservedTokens()).isEqualTo(4_001);
        assertThat(told.getExpectedTokens()).isEqualTo(1_000);
        assertThat(told.getSince()).isEqualTo("2026-11-23T14:05:00Z");
        assertThat(told.getDetectedAt()).isEqualTo("2026-11-23T14:10:00Z");
        assertThat(told.getExpectedUsd()).isEqualByComparingTo("0.099975006248");
    }

    @Test
    void aFeatureThatAlwaysCallsAndStoppedIsMissedAndFoundAgain() {
        Scene scene = silent(3);
        Instant ten = at(UTC, MONDAY, 10, 0);
        scene.call(ten, "k1", "chat", "0.1", 10, 30);
        scene.call(ten, "k2", "search", "0.1", 10, 30);
        for (int hour = 11; hour <= 13; hour++) {
            scene.look(at(UTC, MONDAY, hour, 5));
            assertThat(scene.heard())
                    .as("at " + hour)
                    .isEqualTo(hour < 13 ? List.of() : List.of("silent_source|acme|2026-11-23|tag.feature|search"));
            scene.call(at(UTC, MONDAY, hour, 10), "k1", "chat", "0.1", 10, 30);
        }
        Anomaly told = scene.told.get(0);
        assertThat(told.getSince()).isEqualTo("2026-11-23T10:00:00Z");
        assertThat(told.getExpectedRequests()).isEqualTo(60);
        scene.call(at(UTC, MONDAY, 13, 30), "k2", "search", "0.1", 10, 1);

        assertThat(scene.heard()).isEmpty();
        assertThat(scene.last.get(told.getAnomalyId()).getResolved()).isTrue();
    }

    @Test
    void nothingIsMissedAtNightWhenItNeverCalls() {
        Scene scene = silent(3);
        for (int hour = 9; hour <= 13; hour++) {
            scene.call(at(UTC, MONDAY, hour, 0), "k1", "chat", "0.1", 10, 30);
            scene.call(at(UTC, MONDAY, hour, 0), "k2", "search", "0.1", 10, 30);
        }
        for (int hour = 14; hour <= 32; hour++) {
            scene.look(at(UTC, MONDAY, 0, 5).plus(Duration.ofHours(hour)));
        }

        assertThat(scene.told).isEmpty();
    }

    @Test
    void aTenantThatIsSilentAltogetherIsToldOnce() {
        Scene scene = silent(3);
        scene.call(at(UTC, MONDAY, 10, 0), "k1", "chat", "0.1", 10, 30);
        scene.call(at(UTC, MONDAY, 10, 0), "k2", "search", "0.1", 10, 30);
        scene.look(at(UTC, MONDAY, 13, 5));

        assertThat(scene.heard()).containsExactly("silent_source|acme|2026-11-23");
        assertThat(scene.last).hasSize(3);
    }

    /** Two features that call from 9 to 14 each day. */
    private static Scene silent(int weeks) {
        Scene scene = new Scene(UTC, SilentSource.NAME);
        for (LocalDate day = MONDAY.minusWeeks(weeks); day.isBefore(MONDAY); day = day.plusDays(1)) {
            for (int hour = 9; hour <= 13; hour++) {
                scene.call(at(UTC, day, hour, 0), "k1", "chat", "0.1", 10, 30);
                scene.call(at(UTC, day, hour, 0), "k2", "search", "0.1", 10, 30);
            }
        }
        return scene;
    }

    /** The same spend in three hours of each day. */
    private static void weeks(Scene scene, ZoneId zone, int weeks, int hour, String usd) {
        for (LocalDate day = MONDAY.minusWeeks(weeks); day.isBefore(MONDAY); day = day.plusDays(1)) {
            for (int beside = -1; beside <= 1; beside++) {
                scene.call(at(zone, day, hour + beside, 0), "k1", "chat", usd, 10, 1);
            }
        }
    }

    private static Instant at(ZoneId zone, LocalDate day, int hour, int minute) {
        return ZonedDateTime.of(day, LocalTime.of(hour, minute), zone).toInstant();
    }
}
