package dev.tokenmeter.pricing;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;

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

    /** Adds the moments at which it may begin or cease to hold, both ends exclusive. */
    void addChanges(Instant after, Instant before, Set<Instant> changes) {
        addIfWithin(from, after, before, changes);
        if (until != null) {
            addIfWithin(until, after, before, changes);
        }
        if (hours.isEmpty()) {
            return;
        }
        Instant first = from.isAfter(after) ? from : after;
        Instant last = until != null && until.isBefore(before) ? until : before;
        LocalDate lastDay = LocalDate.ofInstant(last, ZoneOffset.UTC);
        for (LocalDate day = LocalDate.ofInstant(first, ZoneOffset.UTC); !day.isAfter(lastDay); day = day.plusDays(1)) {
            for (DailyHours part : hours) {
                addIfWithin(day.atTime(part.from()).toInstant(ZoneOffset.UTC), after, before, changes);
                addIfWithin(day.atTime(part.until()).toInstant(ZoneOffset.UTC), after, before, changes);
            }
        }
    }

    private static void addIfWithin(Instant instant, Instant after, Instant before, Set<Instant> changes) {
        if (instant.isAfter(after) && instant.isBefore(before)) {
            changes.add(instant);
        }
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
