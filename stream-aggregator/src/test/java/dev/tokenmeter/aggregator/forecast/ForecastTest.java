package dev.tokenmeter.aggregator.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ForecastTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Instant NOW = Instant.parse("2026-11-18T12:00:00Z");

    /** Shares of generated seasons that ended within what was said, and how far the forecast was off, as a median. */
    private record Quality(double covered, double below, double error, double errorOfStraightLine) {}

    @Test
    void fourOfFiveMonthsEndWithinTheIntervalAndTheForecastBeatsAStraightLine() {
        for (int dayOfMonth : List.of(2, 6, 11, 21, 28)) {
            Quality quality = quality(400, LocalDate.of(2026, 11, 1), LocalDate.of(2026, 12, 1), dayOfMonth - 1, 14);
            System.out.println("month, day " + dayOfMonth + ": " + quality);
            assertThat(quality.covered()).isBetween(0.72, 0.92);
            assertThat(quality.below()).isBetween(0.03, 0.17);
            assertThat(quality.error()).isLessThan(quality.errorOfStraightLine());
        }
    }

    @Test
    void fourOfFiveWeeksEndWithinTheInterval() {
        for (int day : List.of(1, 4)) {
            Quality quality = quality(400, LocalDate.of(2026, 11, 16), LocalDate.of(2026, 11, 23), day, 9);
            System.out.println("week, day " + day + ": " + quality);
            assertThat(quality.covered()).isBetween(0.72, 0.92);
            assertThat(quality.error()).isLessThan(quality.errorOfStraightLine());
        }
    }

    @Test
    void fourOfFiveDaysEndWithinTheInterval() {
        for (int hour : List.of(6, 12, 18)) {
            Quality quality = quality(400, LocalDate.of(2026, 11, 18), LocalDate.of(2026, 11, 19), 0, hour);
            System.out.println("day, hour " + hour + ": " + quality);
            assertThat(quality.covered()).isBetween(0.72, 0.93);
        }
    }

    private static Quality quality(int seasons, LocalDate first, LocalDate next, int day, int hour) {
        Instant start = first.atStartOfDay(BERLIN).toInstant();
        Instant end = next.atStartOfDay(BERLIN).toInstant();
        Instant now = first.plusDays(day).atTime(hour, 0).atZone(BERLIN).toInstant();
        int covered = 0;
        int below = 0;
        List<Double> errors = new ArrayList<>();
        List<Double> straight = new ArrayList<>();
        for (int seed = 0; seed < seasons; seed++) {
            Random random = new Random(seed);
            int past = 16 + random.nextInt(60);
            GeneratedSpend spend = new GeneratedSpend(random, BERLIN, first.minusDays(past), past + 32);
            SpendHistory history = spend.historyAt(now);
            double spent = spend.between(start, now);
            double truth = spend.between(start, end);
            Forecast forecast = SpendModel.of(history)
                    .orElseThrow()
                    .forecast(now, spent, history.spentToday(), end, Double.MAX_VALUE);
            covered += truth >= forecast.low() && truth <= forecast.high() ? 1 : 0;
            below += truth < forecast.low() ? 1 : 0;
            errors.add(Math.abs(forecast.expected() / truth - 1));
            double line = spent
                    / Duration.between(start, now).toSeconds()
                    * Duration.between(start, end).toSeconds();
            straight.add(Math.abs(line / truth - 1));
        }
        return new Quality(covered / (double) seasons, below / (double) seasons, median(errors), median(straight));
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    @Test
    void thirteenWholeDaysAreTooFewAndFourteenAreEnough() {
        assertThat(SpendModel.of(steady(14))).isEmpty();
        assertThat(SpendModel.of(steady(15))).isPresent();
        assertThat(SpendModel.of(new SpendHistory(ZoneOffset.UTC, NOW))).isEmpty();
    }

    @Test
    void aSteadySpenderIsForetoldExactlyAndSoIsTheMomentWhenTheLimitIsReached() {
        // A dollar an hour on weekdays, nothing on Saturday and Sunday.
        SpendHistory history = steady(40);
        Instant end = Instant.parse("2026-12-01T00:00:00Z");
        double spent = 12 * 24 + 12;
        Forecast forecast = SpendModel.of(history).orElseThrow().forecast(NOW, spent, 12, end, 420);

        assertThat(forecast.expected()).isCloseTo(21 * 24, within(0.5));
        assertThat(forecast.low()).isBetween(500.0, 504.0);
        assertThat(forecast.high()).isBetween(504.0, 508.0);
        // 300 are spent; 60 more until Saturday, and the other 60 from Monday on.
        assertThat(forecast.exhaustedAt().orElseThrow())
                .isBetween(Instant.parse("2026-11-25T11:00:00Z"), Instant.parse("2026-11-25T13:00:00Z"));
        assertThat(SpendModel.of(history)
                        .orElseThrow()
                        .forecast(NOW, spent, 12, end, 520)
                        .exhaustedAt())
                .isEmpty();
    }

    @Test
    void aLoopThatBeganThisMorningRaisesTheForecastOfToday() {
        SpendModel model = SpendModel.of(steady(40)).orElseThrow();
        Instant midnight = Instant.parse("2026-11-19T00:00:00Z");
        Forecast usual = model.forecast(NOW, 12, 12, midnight, 1000);
        Forecast loop = model.forecast(NOW, 120, 120, midnight, 1000);

        assertThat(usual.expected()).isCloseTo(24, within(0.5));
        assertThat(loop.expected()).isGreaterThan(200);
    }

    @Test
    void pastsWithoutSpendOrWithHoursBelowZeroDoNoHarm() {
        SpendHistory odd = steady(40);
        odd.add(NOW.minus(Duration.ofDays(3)), -500);
        odd.add(NOW.minus(Duration.ofDays(9)), -0.0);
        Instant end = Instant.parse("2026-12-01T00:00:00Z");
        assertThat(SpendModel.of(odd)
                        .orElseThrow()
                        .forecast(NOW, 0, 0, end, 100)
                        .isFinite())
                .isTrue();

        SpendHistory longAgo = new SpendHistory(ZoneOffset.UTC, NOW);
        longAgo.add(NOW.minus(Duration.ofDays(56)), 5);
        assertThat(SpendModel.of(longAgo)).isPresent();
        assertThat(SpendModel.of(longAgo)
                        .orElseThrow()
                        .forecast(NOW, 5, 0, end, 100)
                        .isFinite())
                .isTrue();
    }

    @Test
    void onlyWhatDiffersVisiblyIsNews() {
        Forecast forecast = new Forecast(100, 90, 110, Optional.empty());
        assertThat(new Forecast(100.4, 91, 111, Optional.of(NOW)).isNews(forecast))
                .isFalse();
        assertThat(new Forecast(101, 90, 110, Optional.empty()).isNews(forecast))
                .isTrue();
        assertThat(new Forecast(100, 80, 110, Optional.empty()).isNews(forecast))
                .isTrue();
    }

    private static SpendHistory steady(int days) {
        SpendHistory history = new SpendHistory(ZoneOffset.UTC, NOW);
        Instant from = Instant.parse("2026-11-18T00:00:00Z").minus(Duration.ofDays(days));
        for (Instant at = from; at.isBefore(NOW); at = at.plusSeconds(900)) {
            boolean weekend = at.atZone(ZoneOffset.UTC).getDayOfWeek().getValue() > 5;
            history.add(at, weekend ? 0 : 0.25);
        }
        return history;
    }
}
