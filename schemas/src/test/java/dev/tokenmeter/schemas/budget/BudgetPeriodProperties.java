package dev.tokenmeter.schemas.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.budget.BudgetPeriod.Length;
import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

class BudgetPeriodProperties {
    private static final long QUARTER_HOUR = Duration.ofMinutes(15).toSeconds();

    @Provide
    Arbitrary<ZoneId> zones() {
        return Arbitraries.of(ZoneId.getAvailableZoneIds().stream().sorted().toList())
                .map(ZoneId::of);
    }

    /** From 2020 to 2040. */
    @Property(tries = 3000)
    void periodsFollowEachOtherWithoutAGapAndBeginWithADayOnAQuarterHour(
            @ForAll("zones") ZoneId zone,
            @ForAll Length length,
            @ForAll @LongRange(min = 1_577_836_800, max = 2_208_988_800L) long second) {
        Instant instant = Instant.ofEpochSecond(second);
        BudgetPeriod period = new BudgetPeriod(length, zone);
        Span span = period.around(instant);
        assertThat(span.contains(instant)).isTrue();
        assertThat(span.start().getEpochSecond() % QUARTER_HOUR).isZero();
        if (length != Length.TOTAL) {
            assertThat(period.around(span.end()).start()).isEqualTo(span.end());
            assertThat(period.around(span.start())).isEqualTo(span);
            LocalDate first = LocalDate.ofInstant(span.start(), zone);
            assertThat(LocalDate.ofInstant(span.start().minusNanos(1), zone)).isBefore(first);
        }
    }

    @Example
    void aDayOnWhichClocksChangeIsShorterOrLonger() {
        BudgetPeriod berlin = new BudgetPeriod(Length.DAY, ZoneId.of("Europe/Berlin"));
        assertThat(hours(berlin.around(Instant.parse("2026-03-29T12:00:00Z")))).isEqualTo(23);
        assertThat(hours(berlin.around(Instant.parse("2026-10-25T12:00:00Z")))).isEqualTo(25);
        // Lebanon's clocks jump from midnight to one o'clock.
        BudgetPeriod beirut = new BudgetPeriod(Length.DAY, ZoneId.of("Asia/Beirut"));
        assertThat(beirut.around(Instant.parse("2026-03-29T12:00:00Z")).start()).isEqualTo("2026-03-28T22:00:00Z");
        assertThat(hours(beirut.around(Instant.parse("2026-03-29T12:00:00Z")))).isEqualTo(23);
    }

    @Example
    void weeksBeginOnMondayAndZonesOfOddOffsetsHaveTheirOwnMidnight() {
        BudgetPeriod nepal = new BudgetPeriod(Length.WEEK, ZoneId.of("Asia/Kathmandu"));
        Span span = nepal.around(Instant.parse("2026-11-24T00:00:00Z"));
        assertThat(span)
                .isEqualTo(new Span(Instant.parse("2026-11-22T18:15:00Z"), Instant.parse("2026-11-29T18:15:00Z")));
        assertThat(new BudgetPeriod(Length.TOTAL, ZoneId.of("UTC")).around(Instant.now()))
                .isSameAs(Span.TOTAL);
    }

    private static long hours(Span span) {
        return Duration.between(span.start(), span.end()).toHours();
    }
}
