package dev.tokenmeter.pricing;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Set;

/**
 * A part of every day, or of some days of the week, UTC, from inclusive to exclusive. It may run over midnight, and then
 * belongs to the day on which it begins; where both ends are the same time, it is the whole day.
 *
 * @param from first moment
 * @param until first moment after
 * @param days days on which it begins; empty for every day
 */
public record DailyHours(LocalTime from, LocalTime until, Set<DayOfWeek> days) {
    public DailyHours {
        days = Set.copyOf(days);
    }

    /** On every day. */
    public DailyHours(LocalTime from, LocalTime until) {
        this(from, until, Set.of());
    }

    boolean contain(Instant instant) {
        OffsetDateTime utc = instant.atOffset(ZoneOffset.UTC);
        LocalTime time = utc.toLocalTime();
        if (from.isBefore(until)) {
            return !time.isBefore(from) && time.isBefore(until) && isOn(utc.getDayOfWeek());
        }
        if (!time.isBefore(from)) {
            return isOn(utc.getDayOfWeek());
        }
        return time.isBefore(until) && isOn(utc.getDayOfWeek().minus(1));
    }

    private boolean isOn(DayOfWeek day) {
        return days.isEmpty() || days.contains(day);
    }
}
