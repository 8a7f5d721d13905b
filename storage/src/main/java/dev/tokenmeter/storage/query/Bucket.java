package dev.tokenmeter.storage.query;

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

    /** Start of the window that holds a time, as micros since the epoch. */
    String startMicros(String column) {
        return "toUnixTimestamp64Micro(toDateTime64(" + function + "(" + column + "), 6, 'UTC'))";
    }
}
