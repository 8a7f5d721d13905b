package dev.tokenmeter.pricing;

import java.time.Instant;
import java.util.List;

/**
 * When a price holds.
 *
 * @param from first moment
 * @param until first moment after; null for no end
 * @param hours the parts of each day in which it holds; empty for all day
 */
public record Validity(Instant from, Instant until, List<DailyHours> hours) {
    /** At all times. */
    public static final Validity ALWAYS = new Validity(Instant.EPOCH, null, List.of());

    public Validity {
        if (until != null && !until.isAfter(from)) {
            throw new InvalidPriceException("until", until, "a time after " + from);
        }
        hours = List.copyOf(hours);
        if (hours.size() > 24) {
            throw InvalidPriceException.of("hours_utc", hours.size() + " parts of the day", "at most 24");
        }
    }

    boolean contains(Instant instant) {
        return !instant.isBefore(from) && (until == null || instant.isBefore(until)) && inHours(instant);
    }

    private boolean inHours(Instant instant) {
        if (hours.isEmpty()) {
            return true;
        }
        for (DailyHours part : hours) {
            if (part.contain(instant)) {
                return true;
            }
        }
        return false;
    }
}
