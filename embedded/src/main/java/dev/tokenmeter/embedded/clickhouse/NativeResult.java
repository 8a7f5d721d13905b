package dev.tokenmeter.embedded.clickhouse;

import com.sun.jna.Pointer;

/** A {@code chdb_result}, released on close. */
record NativeResult(ChdbLibrary library, Pointer pointer) implements AutoCloseable {
    NativeResult {
        if (pointer == null) {
            throw new ChdbException(ChdbException.UNKNOWN_EXCEPTION, "the engine gave no result");
        }
    }

    void refuseIfFailed() {
        Pointer error = library.chdb_result_error(pointer);
        if (error != null) {
            throw new ChdbException(error.getString(0, "UTF-8"));
        }
    }

    /** A copy of the data, empty where there is none. */
    byte[] data() {
        long length = library.chdb_result_length(pointer);
        Pointer buffer = library.chdb_result_buffer(pointer);
        if (length == 0 || buffer == null) {
            return new byte[0];
        }
        if (length > Integer.MAX_VALUE - 16) {
            throw new ChdbException(
                    396, "the result has " + length + " bytes, too many to hold (TOO_MANY_ROWS_OR_BYTES)");
        }
        return buffer.getByteArray(0, (int) length);
    }

    @Override
    public void close() {
        library.chdb_destroy_query_result(pointer);
    }
}
