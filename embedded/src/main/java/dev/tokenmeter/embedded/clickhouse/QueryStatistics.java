package dev.tokenmeter.embedded.clickhouse;

import com.sun.jna.Pointer;

/** What the engine counted while it ran a statement, as {@code X-ClickHouse-Summary} wants it. */
record QueryStatistics(
        long readRows, long readBytes, long writtenRows, long writtenBytes, long resultRows, double seconds) {

    static QueryStatistics of(ChdbLibrary library, Pointer result) {
        return new QueryStatistics(
                library.chdb_result_storage_rows_read(result),
                library.chdb_result_storage_bytes_read(result),
                library.chdb_result_rows_written(result),
                library.chdb_result_bytes_written(result),
                library.chdb_result_rows_read(result),
                library.chdb_result_elapsed(result));
    }

    /** Numbers are strings there, as ClickHouse writes them. */
    String summary(long resultBytes) {
        return """
                {"read_rows":"%d","read_bytes":"%d","written_rows":"%d","written_bytes":"%d","total_rows_to_read":"0",\
                "result_rows":"%d","result_bytes":"%d","elapsed_ns":"%d"}\
                """.formatted(readRows, readBytes, writtenRows, writtenBytes, resultRows, resultBytes, (long)
                (seconds * 1e9));
    }
}
