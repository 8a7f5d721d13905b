package dev.tokenmeter.aggregator.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RulesTest {
    private static final HourOfWeek HOURS = new HourOfWeek(usd("3"), usd("6"), 4, 2, usd("1"));
    private static final TokenRate TOKENS = new TokenRate(usd("4"), 7, 3, 1_000);
    private static final SilentSource SILENCE = new SilentSource(2, 3, 2, 20);

    @Test
    void aFewOddHoursOfTheSampleDoNotMoveTheLine() {
        HourOfWeek.Line line = HOURS.line(amounts("10", "10", "10", "11", "9", "10", "500"), usd("0"));

        assertThat(line.expected()).isEqualByComparingTo("10");
        assertThat(line.limit()).isEqualByComparingTo("30");
    }

    @Test
    void whereHoursVaryMuchTheLineIsHigher() {
        HourOfWeek.Line line = HOURS.line(amounts("2", "6", "10", "14", "18"), usd("0"));

        assertThat(line.limit()).as("10 + 6 × 1.4826 × 4").isEqualByComparingTo("45.5824");
    }

    @Test
    void hoursThatAreAllAlikeLeaveATenthOfTheMedianAsDeviation() {
        HourOfWeek.Line line =
                new HourOfWeek(usd("1"), usd("6"), 4, 2, usd("1")).line(amounts("10", "10", "10"), usd("0"));

        assertThat(line.limit()).isEqualByComparingTo("16");
    }

    @Test
    void anHourInWhichUsuallyNothingHappensIsHeldAgainstTheAverageHour() {
        HourOfWeek.Line line = HOURS.line(amounts("0", "0", "0"), usd("5"));

        assertThat(line.expected()).isEqualByComparingTo("0");
        assertThat(HOURS.isBroken(usd("15"), line)).isFalse();
        assertThat(HOURS.isBroken(usd("15.01"), line)).isTrue();
    }

    @Test
    void theMedianOfAnEvenSampleIsExactlyBetweenTheMiddleTwo() {
        assertThat(HOURS.line(amounts("1", "2.000000000001"), usd("0")).expected())
                .isEqualByComparingTo("1.5000000000005");
    }

    @Test
    void anHourBelowTheMinimumIsNotWorthAnAlarm() {
        HourOfWeek.Line line = HOURS.line(amounts("0.01", "0.01"), usd("0"));

        assertThat(HOURS.isBroken(usd("0.99"), line)).isFalse();
        assertThat(HOURS.isBroken(usd("1"), line)).isTrue();
    }

    @Test
    void tokensMustPassTheUsualPeakByTheFactorAndEveryPeakThereWas() {
        assertThat(TOKENS.judge(4_000, List.of(1_000L, 1_000L, 1_000L))).isEmpty();
        assertThat(TOKENS.judge(4_001, List.of(1_000L, 1_000L, 1_000L))).contains(1_000L);
        assertThat(TOKENS.judge(9_000, List.of(1_000L, 1_000L, 9_000L)))
                .as("once a week it does that")
                .isEmpty();
    }

    @Test
    void aNewKeyAndFewTokensTellNothing() {
        assertThat(TOKENS.judge(1_000_000, List.of(1L, 1L))).isEmpty();
        assertThat(TOKENS.judge(999, List.of(1L, 1L, 1L))).isEmpty();
    }

    @Test
    void anHourIsMissedIfTheSourceCalledInItInEachWeekBefore() {
        assertThat(SILENCE.judge(List.of(List.of(10L, 10L, 10L), List.of(10L, 20L, 30L))))
                .contains(30L);
        assertThat(SILENCE.judge(List.of(List.of(10L, 10L, 10L), List.of(10L, 0L, 90L))))
                .as("one hour is not enough")
                .isEmpty();
    }

    @Test
    void fewCallsOrWeeksTellNothing() {
        assertThat(SILENCE.judge(List.of(List.of(9L, 9L), List.of(10L, 10L))))
                .as("19 calls may stay away by chance")
                .isEmpty();
        assertThat(SILENCE.judge(List.of(List.of(100L), List.of(100L)))).isEmpty();
    }

    private static List<BigDecimal> amounts(String... amounts) {
        return Stream.of(amounts).map(RulesTest::usd).toList();
    }

    private static BigDecimal usd(String amount) {
        return new BigDecimal(amount);
    }
}
