package dev.tokenmeter.aggregator.anomaly;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Sums by subject and stretch of time. Days are of the tenant's calendar, hours begin by its clocks.
 *
 * <p>Beside sums of what happened there are two that rules keep: the slot with most tokens of each day, and what was expected
 * in each hour that is out of the ordinary.
 */
final class Cells {
    private static final String DAY = "d";
    private static final String HOUR = "h";
    private static final String SLOT = "s";
    private static final String PEAK = "p";
    private static final String ODD_HOUR = "x";

    private final Table<Amount> table;

    Cells(Table<Amount> table) {
        this.table = table;
    }

    /** The new sum. */
    Amount addToDay(Subject subject, LocalDate day, Amount more) {
        return add(key(subject, DAY, day.toString()), more);
    }

    /** The new sum. */
    Amount addToHour(Subject subject, Instant hour, Amount more) {
        return add(key(subject, HOUR, Keys.minute(hour)), more);
    }

    /** The new sum. */
    Amount addToSlot(Subject subject, Instant slot, Amount more) {
        return add(key(subject, SLOT, Keys.minute(slot)), more);
    }

    private Amount add(String key, Amount more) {
        Amount before = table.get(key);
        Amount sum = before == null ? more : before.plus(more);
        table.put(key, sum);
        return sum;
    }

    /** Null for none. */
    Amount hour(Subject subject, Instant hour) {
        return table.get(key(subject, HOUR, Keys.minute(hour)));
    }

    /** Days with data from first to last, both inclusive. */
    NavigableMap<LocalDate, Amount> days(Subject subject, LocalDate first, LocalDate last) {
        return byDay(subject, DAY, first, last);
    }

    /** The hours with data from an instant on and before another. */
    NavigableMap<Instant, Amount> hours(Subject subject, Instant from, Instant to) {
        return byMinute(subject, HOUR, from, to);
    }

    /** Of each day from first to last, both inclusive, the slot with most tokens. */
    NavigableMap<LocalDate, Amount> peaks(Subject subject, LocalDate first, LocalDate last) {
        return byDay(subject, PEAK, first, last);
    }

    /** Whether the slot is now the one of its day with most tokens, alone or with others. */
    boolean raisePeak(Subject subject, LocalDate day, Amount slot) {
        String key = key(subject, PEAK, day.toString());
        Amount before = table.get(key);
        if (before != null && before.tokens() > slot.tokens()) {
            return false;
        }
        table.put(key, slot);
        return true;
    }

    /** What was expected in the odd hours from an instant on and before another. */
    NavigableMap<Instant, Amount> oddHours(Subject subject, Instant from, Instant to) {
        return byMinute(subject, ODD_HOUR, from, to);
    }

    /**
     * @param expected null if the hour is not out of the ordinary
     * @return whether that is new
     */
    boolean setOddHour(Subject subject, Instant hour, Amount expected) {
        String key = key(subject, ODD_HOUR, Keys.minute(hour));
        Amount before = table.get(key);
        if (expected == null ? before == null : expected.equals(before)) {
            return false;
        }
        table.put(key, expected);
        return true;
    }

    private NavigableMap<LocalDate, Amount> byDay(Subject subject, String kind, LocalDate first, LocalDate last) {
        NavigableMap<LocalDate, Amount> days = new TreeMap<>();
        if (!first.isAfter(last)) {
            scan(
                    subject,
                    kind,
                    first.toString(),
                    last.plusDays(1).toString(),
                    (time, amount) -> days.put(LocalDate.parse(time), amount));
        }
        return days;
    }

    private NavigableMap<Instant, Amount> byMinute(Subject subject, String kind, Instant from, Instant to) {
        NavigableMap<Instant, Amount> minutes = new TreeMap<>();
        if (from.isBefore(to)) {
            scan(
                    subject,
                    kind,
                    Keys.minute(from),
                    Keys.minute(to),
                    (time, amount) -> minutes.put(Keys.instant(time), amount));
        }
        return minutes;
    }

    private void scan(Subject subject, String kind, String from, String to, BiConsumer<String, Amount> visit) {
        String prefix = Keys.of(subject.tenant(), subject.dimension(), subject.value(), kind);
        int start = prefix.length();
        table.scan(
                prefix + from,
                prefix + to,
                (key, amount) -> visit.accept(key.substring(start, key.length() - 1), amount));
    }

    private static String key(Subject subject, String kind, String time) {
        return Keys.of(subject.tenant(), subject.dimension(), subject.value(), kind, time);
    }

    /**
     * Whether nothing needs a cell any more.
     *
     * @param oldest before it, days are not needed
     * @param oldestHour before it, hours and slots are not needed
     * @param oldestSlot before it, slots are not needed
     */
    static boolean isExpired(String key, LocalDate oldest, Instant oldestHour, Instant oldestSlot) {
        List<String> parts = Keys.parts(key);
        String time = parts.get(4);
        return switch (parts.get(3)) {
            case DAY, PEAK -> LocalDate.parse(time).isBefore(oldest);
            case SLOT -> Keys.instant(time).isBefore(oldestSlot);
            default -> Keys.instant(time).isBefore(oldestHour);
        };
    }
}
