package dev.tokenmeter.service.streams;

/**
 * What became of a record's bytes. A topology that reads this instead of the plain value goes on past poison, and still
 * has the bytes when a later step finds that it must refuse the record.
 *
 * @param <T> the value's class
 */
public sealed interface Decoded<T> {
    /** The value's bytes as they came; null where there were none. */
    byte[] raw();

    /**
     * @param value the value; null for a tombstone
     */
    record Usable<T>(T value, byte[] raw) implements Decoded<T> {}

    /**
     * @param reason one word for headers and metrics, e.g. {@code poison}
     * @param message for an operator: what is wrong with the record
     */
    record Rejected<T>(byte[] raw, String reason, String message) implements Decoded<T> {}

    /** This record, refused. */
    default Decoded<T> rejected(String reason, String message) {
        return new Rejected<>(raw(), reason, message);
    }
}
