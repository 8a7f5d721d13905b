package dev.tokenmeter.storage.query;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Which rollups of a range are read: whole days from those by day, what is before and after them from those by hour. */
final class RollupWindows {
    private static final Duration DAY = Duration.ofDays(1);

    private RollupWindows() {}

    /**
     * Adds the condition, an {@code AND} before it.
     *
     * @param range on full hours
     * @param windows what is told apart
     */
    static void add(Sql sql, TimeRange range, Bucket windows) {
        Instant firstDay = range.from().plus(DAY).minusNanos(1).truncatedTo(ChronoUnit.DAYS);
        Instant lastDay = range.until().truncatedTo(ChronoUnit.DAYS);
        if (windows == Bucket.HOUR || !firstDay.isBefore(lastDay)) {
            sql.add(" AND granularity = 'hour'");
        } else if (range.isAlignedTo(DAY)) {
            sql.add(" AND granularity = 'day'");
        } else {
            sql.add(" AND (granularity = 'day' AND window_start >= ?", firstDay);
            sql.add(" AND window_start < ?", lastDay);
            sql.add(" OR granularity = 'hour' AND (window_start < ?", firstDay);
            sql.add(" OR window_start >= ?))", lastDay);
        }
        sql.add(" AND window_start >= ?", range.from());
        sql.add(" AND window_start < ?", range.until());
    }
}
