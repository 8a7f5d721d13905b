package dev.tokenmeter.storage.query;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * A stretch of time.
 *
 * @param from inclusive
 * @param until exclusive, not before {@code from}
 */
public record TimeRange(Instant from, Instant until) {
    private static final Duration A_MOMENT = Duration.ofSeconds(2);

    /** @throws IllegalArgumentException if it ends before it begins */
    public TimeRange {
        if (until.isBefore(from)) {
            throw new IllegalArgumentException(until + " is before " + from);
        }
    }

    /** From the first of the UTC month that holds {@code now} to {@code now}. */
    public static TimeRange monthSoFar(Instant now) {
        return new TimeRange(monthOf(now), now);
    }

    /** First instant of the UTC month. */
    public static Instant monthOf(Instant instant) {
        return instant.atZone(ZoneOffset.UTC)
                .truncatedTo(ChronoUnit.DAYS)
                .withDayOfMonth(1)
                .toInstant();
    }

    /**
     * The same with its end moved up to a full hour, if it is now: nothing can be in the difference. An end within the last
     * two seconds is now, as read from a clock when the question came.
     */
    public TimeRange upToRunningHour(Instant now) {
        Instant hour = until.truncatedTo(ChronoUnit.HOURS);
        if (hour.equals(until) || until.isBefore(now.minus(A_MOMENT))) {
            return this;
        }
        return new TimeRange(from, hour.plus(1, ChronoUnit.HOURS));
    }

    /** Whether both ends lie on full UTC hours (or days). */
    public boolean isAlignedTo(Duration unit) {
        return isAligned(from, unit) && isAligned(until, unit);
    }

    private static boolean isAligned(Instant instant, Duration unit) {
        return instant.getNano() == 0 && Math.floorMod(instant.getEpochSecond(), unit.toSeconds()) == 0;
    }
}
