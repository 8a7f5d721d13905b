package dev.tokenmeter.storage.sink;

import java.sql.SQLException;
import java.util.Set;

/** Tells an insert that fails because of what is in it from one that fails because of ClickHouse's state. */
final class RefusedRow {
    /**
     * Error codes of ClickHouse's {@code src/Common/ErrorCodes.cpp} that are about the data: they come again however
     * often the same row is sent. Anything else is retried.
     */
    private static final Set<Integer> ABOUT_THE_DATA = Set.of(
            6, // CANNOT_PARSE_TEXT
            26, // CANNOT_PARSE_QUOTED_STRING
            27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
            38, // CANNOT_PARSE_DATE
            41, // CANNOT_PARSE_DATETIME
            53, // TYPE_MISMATCH
            62, // SYNTAX_ERROR
            69, // ARGUMENT_OUT_OF_BOUND
            70, // CANNOT_CONVERT_TYPE
            72, // CANNOT_PARSE_NUMBER
            117, // INCORRECT_DATA
            131, // TOO_LARGE_STRING_SIZE
            321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
            349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
            376, // CANNOT_PARSE_UUID
            407, // DECIMAL_OVERFLOW
            469); // VIOLATED_CONSTRAINT

    private RefusedRow() {}

    static boolean explains(SQLException failure) {
        return ABOUT_THE_DATA.contains(failure.getErrorCode());
    }
}
