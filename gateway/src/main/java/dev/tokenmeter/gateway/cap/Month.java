package dev.tokenmeter.gateway.cap;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;

/**
 * A budget's period: a calendar month in UTC, the only one that the contract has.
 *
 * @param start inclusive
 * @param end exclusive
 */
record Month(Instant start, Instant end) {
    static Month around(Instant instant) {
        YearMonth month = YearMonth.from(instant.atOffset(ZoneOffset.UTC));
        return new Month(startOf(month), startOf(month.plusMonths(1)));
    }

    private static Instant startOf(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    boolean contains(Instant instant) {
        return !instant.isBefore(start) && instant.isBefore(end);
    }
}
