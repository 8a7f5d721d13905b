package dev.tokenmeter.pricing;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;

/**
 * A part of every day, UTC, from inclusive to exclusive; it may run over midnight.
 *
 * @param from first moment
 * @param until first moment after
 */
public record DailyHours(LocalTime from, LocalTime until) {
    public DailyHours {
        if (from.equals(until)) {
            throw new InvalidPriceException("hours_utc", from + " to " + until, "two different times");
        }
    }

    boolean contain(Instant instant) {
        LocalTime time = instant.atOffset(ZoneOffset.UTC).toLocalTime();
        boolean afterStart = !time.isBefore(from);
        boolean beforeEnd = time.isBefore(until);
        return from.isBefore(until) ? afterStart && beforeEnd : afterStart || beforeEnd;
    }
}
