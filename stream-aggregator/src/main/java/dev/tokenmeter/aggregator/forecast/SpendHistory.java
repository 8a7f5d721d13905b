package dev.tokenmeter.aggregator.forecast;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;

/**
 * Spend by day and hour of a zone's clocks: the last {@value #DAYS} whole days and the running one. Not thread-safe.
 */
public final class SpendHistory {
    /** Eight weeks: enough of each weekday to know it, and not so much that what has long changed is still believed. */
    public static final int DAYS = 56;

    private static final int HOURS = 24;

    private final ZoneId zone;
    private final LocalDate today;
    private final double[][] amounts = new double[DAYS + 1][HOURS];

    /** @param now in the running day */
    public SpendHistory(ZoneId zone, Instant now) {
        this.zone = zone;
        this.today = LocalDate.ofInstant(now, zone);
    }

    /** The first moment of which it takes something. */
    public Instant start() {
        return today.minusDays(DAYS).atStartOfDay(zone).toInstant();
    }

    /** Adds what was spent in a quarter of an hour, or at any moment; what is older or of a later day is left out. */
    public void add(Instant at, double amount) {
        ZonedDateTime local = at.atZone(zone);
        long day = DAYS - ChronoUnit.DAYS.between(local.toLocalDate(), today);
        if (day >= 0 && day <= DAYS) {
            amounts[(int) day][local.getHour()] += amount;
        }
    }

    ZoneId zone() {
        return zone;
    }

    /** The running day. */
    public LocalDate today() {
        return today;
    }

    /** What the running day has spent so far. */
    public double spentToday() {
        return sum(DAYS);
    }

    /** @param index of the day; {@value #DAYS} is the running one */
    LocalDate date(int index) {
        return today.minusDays((long) DAYS - index);
    }

    /** A correction that comes before what it corrects makes an hour negative for a moment; it counts as nothing. */
    double amount(int index, int hour) {
        return Math.max(0, amounts[index][hour]);
    }

    double sum(int index) {
        double sum = 0;
        for (int hour = 0; hour < HOURS; hour++) {
            sum += amount(index, hour);
        }
        return sum;
    }

    /** The day after the first that has spent something, which may have begun in its middle; {@value #DAYS} for none. */
    int firstWholeDay() {
        for (int day = 0; day < DAYS; day++) {
            if (sum(day) > 0) {
                return day == 0 ? 0 : day + 1;
            }
        }
        return DAYS;
    }
}
