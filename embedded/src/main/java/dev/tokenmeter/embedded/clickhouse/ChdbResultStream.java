package dev.tokenmeter.embedded.clickhouse;

import com.sun.jna.Pointer;

/** A result that the engine produces as it is asked for, so that it never has to fit into memory. */
final class ChdbResultStream implements AutoCloseable {
    private static final byte[] NOTHING = new byte[0];

    private final ChdbLibrary library;
    private final Pointer connection;
    private final NativeResult stream;
    private QueryStatistics statistics = new QueryStatistics(0, 0, 0, 0, 0, 0);
    private boolean ended;

    ChdbResultStream(ChdbLibrary library, Pointer connection, Pointer stream) {
        this.library = library;
        this.connection = connection;
        this.stream = new NativeResult(library, stream);
        try {
            this.stream.refuseIfFailed();
        } catch (RuntimeException e) {
            this.stream.close();
            throw e;
        }
    }

    /** The next chunk, empty at the end. */
    byte[] next() {
        if (ended) {
            return NOTHING;
        }
        try (NativeResult chunk =
                new NativeResult(library, library.chdb_stream_fetch_result(connection, stream.pointer()))) {
            chunk.refuseIfFailed();
            byte[] data = chunk.data();
            ended = data.length == 0;
            add(QueryStatistics.of(library, chunk.pointer()));
            return data;
        } catch (RuntimeException e) {
            ended = true;
            throw e;
        }
    }

    private void add(QueryStatistics chunk) {
        statistics = new QueryStatistics(
                Math.max(statistics.readRows(), chunk.readRows()),
                Math.max(statistics.readBytes(), chunk.readBytes()),
                0,
                0,
                statistics.resultRows() + chunk.resultRows(),
                Math.max(statistics.seconds(), chunk.seconds()));
    }

    /** What was counted up to the last chunk. */
    QueryStatistics statistics() {
        return statistics;
    }

    @Override
    public void close() {
        if (!ended) {
            library.chdb_stream_cancel_query(connection, stream.pointer());
        }
        stream.close();
    }
}
