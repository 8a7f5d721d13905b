package dev.tokenmeter.storage.query;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Length of the UTC windows into which an answer is cut. */
public enum Bucket {
    /** One figure for the whole range. */
    NONE(null),
    HOUR("toStartOfHour"),
    DAY("toStartOfDay"),
    MONTH("toStartOfMonth");

    private final String function;

    Bucket(String function) {
        this.function = function;
    }

    /** Whether its windows are shorter. */
    public boolean isFinerThan(Bucket other) {
        return this != NONE && (other == NONE || ordinal() < other.ordinal());
    }

    /** First moment of the window that holds a time; null without windows. */
    public Instant startOf(Instant time) {
        return switch (this) {
            case NONE -> null;
            case HOUR -> time.truncatedTo(ChronoUnit.HOURS);
            case DAY -> time.truncatedTo(ChronoUnit.DAYS);
            case MONTH -> TimeRange.monthOf(time);
        };
    }

    /** Start of the window that holds a time, as a date or a time. */
    String start(String column) {
        return function + "(" + column + ")";
    }

    /** Start of the window that holds a time, as micros since the epoch. */
    String startMicros(String column) {
        return "toUnixTimestamp64Micro(toDateTime64(" + start(column) + ", 6, 'UTC'))";
    }
}
