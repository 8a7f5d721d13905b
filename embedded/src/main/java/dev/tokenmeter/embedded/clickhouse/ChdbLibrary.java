package dev.tokenmeter.embedded.clickhouse;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.util.Map;

/**
 * The functions of {@code chdb.h} that are used here, under their own names. {@code size_t} is a {@code long}: the engine
 * exists for 64-bit machines only. Every pointer that is returned belongs to the caller until the function that the
 * header names for its release.
 */
interface ChdbLibrary extends Library {
    int SUCCESS = 0;

    static ChdbLibrary load(Path file) {
        int lazily = 0x1; // RTLD_LAZY: of 500 MB of code most is never called
        ChdbLibrary library =
                Native.load(file.toString(), ChdbLibrary.class, Map.of(Library.OPTION_OPEN_FLAGS, lazily));
        // Before the first connection, or the engine takes the signals that HotSpot itself lives on.
        library.chdb_set_signal_handlers_enabled(0);
        return library;
    }

    void chdb_set_signal_handlers_enabled(int enabled);

    /** Returns the address of the connection, null where the directory is in use. */
    Pointer chdb_connect(int argc, Pointer argv);

    void chdb_close_conn(Pointer connection);

    Pointer chdb_query_with_params_n(
            Pointer connection,
            Pointer query,
            long queryLength,
            byte[] format,
            long formatLength,
            Pointer names,
            Pointer nameLengths,
            Pointer values,
            Pointer valueLengths,
            long count);

    Pointer chdb_stream_query_with_params_n(
            Pointer connection,
            Pointer query,
            long queryLength,
            byte[] format,
            long formatLength,
            Pointer names,
            Pointer nameLengths,
            Pointer values,
            Pointer valueLengths,
            long count);

    Pointer chdb_stream_fetch_result(Pointer connection, Pointer stream);

    void chdb_stream_cancel_query(Pointer connection, Pointer stream);

    Pointer chdb_stream_insert_with_params_n(
            Pointer connection,
            Pointer query,
            long queryLength,
            byte[] format,
            long formatLength,
            Pointer names,
            Pointer nameLengths,
            Pointer values,
            Pointer valueLengths,
            long count);

    int chdb_stream_append(Pointer insert, Pointer data, long length);

    Pointer chdb_stream_done(Pointer insert);

    void chdb_stream_cancel_insert(Pointer insert);

    Pointer chdb_stream_insert_error(Pointer insert);

    void chdb_destroy_insert_stream(Pointer insert);

    Pointer chdb_result_buffer(Pointer result);

    long chdb_result_length(Pointer result);

    double chdb_result_elapsed(Pointer result);

    long chdb_result_rows_read(Pointer result);

    long chdb_result_storage_rows_read(Pointer result);

    long chdb_result_storage_bytes_read(Pointer result);

    long chdb_result_rows_written(Pointer result);

    long chdb_result_bytes_written(Pointer result);

    Pointer chdb_result_error(Pointer result);

    void chdb_destroy_query_result(Pointer result);
}
