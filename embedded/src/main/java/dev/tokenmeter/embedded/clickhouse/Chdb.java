package dev.tokenmeter.embedded.clickhouse;

import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The engine on one directory; a process can have one. Each statement gets a session (a connection of libchdb) of its
 * own, which costs a millisecond and leaves no setting behind for the next. Safe for use by several threads.
 */
final class Chdb implements AutoCloseable {
    private static final Duration CLOSING_PATIENCE = Duration.ofSeconds(5);

    private final ChdbLibrary library;
    private final Path dataDir;
    private final int maxSessions;
    private final Semaphore sessions;
    private final Pointer keeper;
    private boolean closed;

    /**
     * @param library the file of libchdb
     * @param dataDir made where it is absent
     * @param maxSessions how many may be open at a time
     * @throws ChdbException if another process has the directory, or it cannot be written
     */
    Chdb(Path library, Path dataDir, int maxSessions) {
        this.library = ChdbLibrary.load(library);
        this.dataDir = dataDir;
        this.maxSessions = maxSessions;
        this.sessions = new Semaphore(maxSessions);
        // The engine shuts down with its last connection, so one stays open for as long as we do.
        this.keeper = connect();
    }

    /** Opens a session; close it on the thread that opened it. */
    ChdbSession open() {
        if (!sessions.tryAcquire()) {
            throw new ChdbException(
                    ChdbException.TOO_MANY_SIMULTANEOUS_QUERIES,
                    "Too many simultaneous queries, or the engine is stopping. Maximum: " + maxSessions);
        }
        try {
            return new ChdbSession(library, connect(), sessions::release);
        } catch (RuntimeException | Error e) {
            sessions.release();
            throw e;
        }
    }

    private Pointer connect() {
        List<String> arguments = List.of("clickhouse", "--path=" + dataDir);
        Pointer connection;
        try (NativeArguments argv = NativeArguments.argv(arguments)) {
            connection = library.chdb_connect(arguments.size(), argv.values());
        }
        if (connection == null) {
            throw new ChdbException(
                    ChdbException.UNKNOWN_EXCEPTION,
                    "the engine cannot open " + dataDir + ": not writable, or in use by another process");
        }
        return connection;
    }

    /**
     * Lets no new session in, waits for those that run, then stops the engine.
     *
     * @return whether the engine has stopped; if not, a statement is still running, and closing its connection under
     *     it would abort the process. End the process then: what was acknowledged is on disk.
     */
    synchronized boolean shutDown() throws InterruptedException {
        if (closed) {
            return true;
        }
        if (!sessions.tryAcquire(maxSessions, CLOSING_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            return false;
        }
        closed = true;
        library.chdb_close_conn(keeper);
        return true;
    }

    @Override
    public void close() {
        try {
            shutDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
