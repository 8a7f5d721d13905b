package dev.tokenmeter.storage.query;

import java.sql.SQLException;

/** ClickHouse did not answer. */
public final class QueryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    QueryException(SQLException cause) {
        super(String.valueOf(cause.getMessage()).lines().findFirst().orElse(""), cause);
    }
}
