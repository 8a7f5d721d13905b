package dev.tokenmeter.embedded.clickhouse;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** One connection of libchdb: one statement at a time, one thread. Its errors are {@link ChdbException}s. */
final class ChdbSession implements AutoCloseable {
    private static final int INSERT_CHUNK = 256 << 10;

    private final ChdbLibrary library;
    private final Pointer handle;
    private final Pointer connection;
    private final Runnable onClose;

    ChdbSession(ChdbLibrary library, Pointer handle, Runnable onClose) {
        this.library = library;
        this.handle = handle;
        this.connection = handle.getPointer(0);
        this.onClose = onClose;
    }

    /** The whole result of a statement, held in memory. */
    record Result(byte[] data, QueryStatistics statistics) {}

    /** Runs a statement that has no data of its own; see {@link #insert} for those that have. */
    Result query(byte[] sql, String format, Map<String, String> parameters) {
        byte[] formatBytes = format.getBytes(StandardCharsets.UTF_8);
        try (NativeArguments arguments = NativeArguments.of(sql, parameters)) {
            return take(library.chdb_query_with_params_n(
                    connection,
                    arguments.query(),
                    arguments.queryLength(),
                    formatBytes,
                    formatBytes.length,
                    arguments.names(),
                    arguments.nameLengths(),
                    arguments.values(),
                    arguments.valueLengths(),
                    arguments.count()));
        }
    }

    /** Runs a statement for its effect on the session. */
    void execute(String sql) {
        query(sql.getBytes(StandardCharsets.UTF_8), "Null", Map.of());
    }

    /** Starts a query whose result comes in chunks, each a complete document of the format. */
    ChdbResultStream stream(byte[] sql, String format, Map<String, String> parameters) {
        byte[] formatBytes = format.getBytes(StandardCharsets.UTF_8);
        try (NativeArguments arguments = NativeArguments.of(sql, parameters)) {
            Pointer stream = library.chdb_stream_query_with_params_n(
                    connection,
                    arguments.query(),
                    arguments.queryLength(),
                    formatBytes,
                    formatBytes.length,
                    arguments.names(),
                    arguments.nameLengths(),
                    arguments.values(),
                    arguments.valueLengths(),
                    arguments.count());
            return new ChdbResultStream(library, connection, stream);
        }
    }

    /**
     * Inserts what the stream delivers, a chunk at a time. Data inline in a statement must not go through
     * {@link #query}: that stops, without an error, at the first blank line.
     *
     * @param sql the statement up to and without its {@code FORMAT} or {@code VALUES}
     */
    QueryStatistics insert(byte[] sql, String format, Map<String, String> parameters, InputStream data)
            throws IOException {
        byte[] formatBytes = format.getBytes(StandardCharsets.UTF_8);
        try (NativeArguments arguments = NativeArguments.of(sql, parameters)) {
            Pointer insert = library.chdb_stream_insert_with_params_n(
                    connection,
                    arguments.query(),
                    arguments.queryLength(),
                    formatBytes,
                    formatBytes.length,
                    arguments.names(),
                    arguments.nameLengths(),
                    arguments.values(),
                    arguments.valueLengths(),
                    arguments.count());
            return finish(insert, data);
        }
    }

    private QueryStatistics finish(Pointer insert, InputStream data) throws IOException {
        try {
            refuseIfFailed(insert);
            append(insert, data);
            return take(library.chdb_stream_done(insert)).statistics();
        } catch (IOException | RuntimeException e) {
            // Half a request must not become half an insert.
            library.chdb_stream_cancel_insert(insert);
            throw e;
        } finally {
            library.chdb_destroy_insert_stream(insert);
        }
    }

    private void append(Pointer insert, InputStream data) throws IOException {
        byte[] chunk = new byte[INSERT_CHUNK];
        try (Memory memory = new Memory(INSERT_CHUNK)) {
            for (int n = data.readNBytes(chunk, 0, chunk.length); n > 0; n = data.readNBytes(chunk, 0, chunk.length)) {
                memory.write(0, chunk, 0, n);
                if (library.chdb_stream_append(insert, memory, n) != ChdbLibrary.SUCCESS) {
                    refuseIfFailed(insert);
                    throw new ChdbException(ChdbException.UNKNOWN_EXCEPTION, "the engine takes no more of this insert");
                }
            }
        }
    }

    private void refuseIfFailed(Pointer insert) {
        Pointer error = library.chdb_stream_insert_error(insert);
        if (error != null) {
            throw new ChdbException(error.getString(0, "UTF-8"));
        }
    }

    private Result take(Pointer result) {
        try (NativeResult taken = new NativeResult(library, result)) {
            taken.refuseIfFailed();
            return new Result(taken.data(), QueryStatistics.of(library, result));
        }
    }

    @Override
    public void close() {
        try {
            library.chdb_close_conn(handle);
        } finally {
            onClose.run();
        }
    }
}
