package dev.tokenmeter.aggregator.anomaly;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Where a subject's figures have changed: first what was added, then the sums that came of it. */
final class Touched {
    final ZoneId zone;
    final NavigableMap<LocalDate, Amount> days = new TreeMap<>();
    final NavigableMap<Instant, Amount> hours = new TreeMap<>();
    final NavigableMap<Instant, Amount> slots = new TreeMap<>();
    /** Null where it had no figures. */
    Known before;

    Known after;

    Touched(ZoneId zone) {
        this.zone = zone;
    }

    void add(LocalDate day, Instant hour, Instant slot, Amount amount) {
        days.merge(day, amount, Amount::plus);
        hours.merge(hour, amount, Amount::plus);
        slots.merge(slot, amount, Amount::plus);
    }

    /** Its first day with figures. */
    LocalDate firstDay() {
        return day(after.first());
    }

    /** Its first day with figures before the change; the first now if there was none. */
    LocalDate firstDayBefore() {
        return before == null ? firstDay() : day(before.first());
    }

    LocalDate lastDay() {
        return day(after.last());
    }

    /** Whether nothing was known of what comes after the hour. */
    boolean isLatest(Instant hour) {
        return before == null || !Slots.hourOf(before.last(), zone).isAfter(hour);
    }

    LocalDate day(Instant at) {
        return LocalDate.ofInstant(at, zone);
    }
}
