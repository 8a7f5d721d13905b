package dev.tokenmeter.standalone.rebuild;

import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.storage.query.TimeRange;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What is rebuilt at once, one tenant after the other: all windows of a day, or those of a month.
 *
 * @param granularities of the windows
 */
record Unit(TimeRange range, Set<Granularity> granularities) {
    private static final Duration DAY = Duration.ofDays(1);

    /** The days of a range, and the months that it holds whole. */
    static List<Unit> of(TimeRange range, Set<Granularity> granularities) {
        List<Unit> units = new ArrayList<>();
        Set<Granularity> ofDays = EnumSet.copyOf(granularities);
        boolean months = ofDays.remove(Granularity.month);
        for (Instant day = range.from(); day.isBefore(range.until()); day = day.plus(DAY)) {
            units.add(new Unit(new TimeRange(day, day.plus(DAY)), ofDays));
        }
        if (months) {
            ZonedDateTime month = range.from().atZone(ZoneOffset.UTC).withDayOfMonth(1);
            while (!month.plusMonths(1).toInstant().isAfter(range.until())) {
                if (!month.toInstant().isBefore(range.from())) {
                    TimeRange whole =
                            new TimeRange(month.toInstant(), month.plusMonths(1).toInstant());
                    units.add(new Unit(whole, EnumSet.of(Granularity.month)));
                }
                month = month.plusMonths(1);
            }
        }
        return units;
    }

    boolean isDay() {
        return !granularities.contains(Granularity.month);
    }

    List<String> granularityNames() {
        return granularities.stream().map(Granularity::name).toList();
    }
}
