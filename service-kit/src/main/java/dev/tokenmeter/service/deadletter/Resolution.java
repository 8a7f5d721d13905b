package dev.tokenmeter.service.deadletter;

/**
 * What became of a refused record. It stands in the dead-letter topic itself, under the letter's key, without a value and
 * with the header {@code dead-letter.resolution}; so it is kept for as long as the letter, and a copy of the topic has both.
 */
public enum Resolution {
    /** It was sent again; if it is refused once more, that is a letter of its own. */
    REPLAYED,
    /** A newer record under the same key had replaced it; it was not sent. */
    SUPERSEDED,
    /** The operator does not want it. */
    DISCARDED,
    /** A rebuild of rollups has counted it. */
    REBUILT;

    static final String HEADER = DeadLetter.PREFIX + "resolution";

    /** As it is written and shown. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    static Resolution of(String word) {
        return valueOf(word.toUpperCase(java.util.Locale.ROOT));
    }
}
