package dev.tokenmeter.schemas.budget;

import dev.tokenmeter.schemas.Budget;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/**
 * How a budget cuts time into periods: days, weeks from Monday, or months by the clocks and the calendar of a zone, daylight
 * saving included, or one period that never ends. Periods follow each other without a gap.
 *
 * @param zone where days begin; of no meaning for a total
 */
public record BudgetPeriod(Length length, ZoneId zone) {
    /** How long a period is. */
    public enum Length {
        DAY,
        WEEK,
        MONTH,
        TOTAL;

        /** As definitions name it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One period.
     *
     * @param start inclusive
     * @param end exclusive
     */
    public record Span(Instant start, Instant end) {
        /** All of time, as far as timestamps of the contract and of ClickHouse can tell it. */
        public static final Span TOTAL = new Span(Instant.EPOCH, Instant.parse("2200-01-01T00:00:00Z"));

        /** Whether the instant falls into it. */
        public boolean contains(Instant instant) {
            return this == TOTAL || !instant.isBefore(start) && instant.isBefore(end);
        }
    }

    /** The period of a definition that {@link BudgetRules} has found usable. */
    public static BudgetPeriod of(Budget budget) {
        Length length = Length.valueOf(budget.getPeriod().toUpperCase(Locale.ROOT));
        return new BudgetPeriod(length, length == Length.TOTAL ? ZoneOffset.UTC : ZoneId.of(budget.getTimeZone()));
    }

    /** The period into which an instant falls. */
    public Span around(Instant instant) {
        if (length == Length.TOTAL) {
            return Span.TOTAL;
        }
        LocalDate day = LocalDate.ofInstant(instant, zone);
        return switch (length) {
            case DAY -> span(day, day.plusDays(1));
            case WEEK -> {
                LocalDate monday = day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
                yield span(monday, monday.plusWeeks(1));
            }
            case MONTH -> span(day.withDayOfMonth(1), day.withDayOfMonth(1).plusMonths(1));
            case TOTAL -> Span.TOTAL;
        };
    }

    /** A day begins with its first moment, also where clocks jump over midnight. */
    private Span span(LocalDate first, LocalDate next) {
        return new Span(
                first.atStartOfDay(zone).toInstant(), next.atStartOfDay(zone).toInstant());
    }
}
