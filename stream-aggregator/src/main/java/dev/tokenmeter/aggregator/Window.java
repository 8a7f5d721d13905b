package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Granularity;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;

/**
 * A stretch of the calendar.
 *
 * @param start inclusive
 * @param end exclusive
 */
record Window(Granularity granularity, Instant start, Instant end) {
    /** The window of that length into which the instant falls, by the zone's clocks and calendar. */
    static Window around(Instant instant, Granularity granularity, ZoneId zone) {
        ChronoUnit unit = unit(granularity);
        ZonedDateTime local = instant.atZone(zone);
        ZonedDateTime start = unit == ChronoUnit.MONTHS
                ? local.truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1)
                : local.truncatedTo(unit);
        return new Window(granularity, start.toInstant(), start.plus(1, unit).toInstant());
    }

    boolean contains(Instant instant) {
        return !instant.isBefore(start) && instant.isBefore(end);
    }

    private static ChronoUnit unit(Granularity granularity) {
        return switch (granularity) {
            case minute -> ChronoUnit.MINUTES;
            case hour -> ChronoUnit.HOURS;
            case day -> ChronoUnit.DAYS;
            case month -> ChronoUnit.MONTHS;
            case unknown -> throw new IllegalArgumentException("a window needs a length");
        };
    }
}
