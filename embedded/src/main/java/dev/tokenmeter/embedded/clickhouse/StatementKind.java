package dev.tokenmeter.embedded.clickhouse;

/** How a statement has to be run. */
enum StatementKind {
    /** Gives rows, which the engine can produce bit by bit. */
    SELECT,
    /** Brings its data along. */
    INSERT_WITH_DATA,
    /** Names a table, and leaves format and data to the request. */
    INSERT_WITHOUT_FORMAT,
    /** All else, {@code INSERT … SELECT} among it. */
    OTHER
}
