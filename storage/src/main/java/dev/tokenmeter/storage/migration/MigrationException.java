package dev.tokenmeter.storage.migration;

/** The tables are not as this version of Tokenmeter expects, and only a person can say what to do. */
public final class MigrationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MigrationException(String message) {
        super(message);
    }
}
