package dev.tokenmeter.embedded.clickhouse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The real ClickHouse engine, in a child process that speaks ClickHouse's HTTP protocol on this machine only, started
 * again whenever it dies. To its users it is a ClickHouse server: connect with {@link #jdbcUrl()}, and expect a
 * connection to fail now and then, as one does with servers. An insert that was acknowledged survives the process.
 *
 * <p>The child ends with this process, however this one ends. Safe for use by several threads.
 */
public final class ClickHouseProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClickHouseProcess.class);
    private static final String HOST = "127.0.0.1";
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);
    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(100);
    private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(10);

    /** A child that lived this long was well; its death starts the back-off anew. */
    private static final Duration STABLE = Duration.ofMinutes(1);

    /** Enough for an orphan of a killed predecessor to notice, end, and let go of directory and port. */
    private static final int FIRST_START_ATTEMPTS = 7;

    private final EngineCommand command;
    private final AtomicInteger restarts = new AtomicInteger();
    private final Thread supervisor;
    private volatile EngineChild child;
    private volatile boolean closing;

    /**
     * Starts the engine and waits until it serves, about a second. Blocking.
     *
     * @param library see {@link EngineLibrary#find}
     * @param dataDir kept across restarts, made where it is absent; one process at a time
     * @param port 0 for any free port, which then stays the same for the life of this object
     * @param credentials {@link Credentials#DEFAULT} lets every local process in
     * @throws IllegalStateException if the port or directory is in use or the engine does not start; the message has
     *     the engine's own last words
     */
    public ClickHouseProcess(EngineLibrary library, Path dataDir, int port, Credentials credentials) {
        Path path = dataDir.toAbsolutePath().normalize();
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new IllegalStateException("cannot create the ClickHouse data directory " + path, e);
        }
        this.command = new EngineCommand(library, path, port == 0 ? freePort() : port, credentials);
        long begun = System.nanoTime();
        try {
            this.child = firstStart();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the ClickHouse engine started", e);
        }
        LOG.info("ClickHouse serves on {} after {} ms", url(), (System.nanoTime() - begun) / 1_000_000);
        this.supervisor = new Thread(this::supervise, "clickhouse-supervisor");
        this.supervisor.setDaemon(true);
        this.supervisor.start();
    }

    /** The base URL of ClickHouse's HTTP protocol. */
    public String url() {
        return "http://" + HOST + ":" + command.port();
    }

    /** The URL for ClickHouse's JDBC driver; user and password are given beside it. */
    public String jdbcUrl() {
        return "jdbc:clickhouse://" + HOST + ":" + command.port() + "/default";
    }

    /** How often the engine has been started again since this object was made. */
    public int restarts() {
        return restarts.get();
    }

    /** The process of the engine's present life. */
    long pid() {
        return child.pid();
    }

    /**
     * Kills the engine as {@code kill -9} does, and returns when it is dead; the supervisor then starts it again. For
     * tests of what its users do meanwhile.
     */
    public void kill() {
        try {
            child.kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the engine, waiting for the statements that run, but not for ever. Does nothing when called again. */
    @Override
    public void close() {
        closing = true;
        supervisor.interrupt();
        try {
            supervisor.join();
            child.stop(STOP_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private EngineChild firstStart() throws InterruptedException {
        Duration pause = FIRST_BACK_OFF;
        for (int attempt = 1; ; attempt++) {
            EngineChild started = new EngineChild(command);
            if (isReady(started)) {
                return started;
            }
            if (attempt == FIRST_START_ATTEMPTS) {
                throw new IllegalStateException("the ClickHouse engine on " + command.dataDir() + ", port "
                        + command.port() + ", does not start: " + started.lastLine());
            }
            Thread.sleep(pause.toMillis());
            pause = longer(pause);
        }
    }

    private void supervise() {
        Duration pause = FIRST_BACK_OFF;
        try {
            while (!closing) {
                long begun = System.nanoTime();
                int status = child.awaitEnd();
                if (System.nanoTime() - begun > STABLE.toNanos()) {
                    pause = FIRST_BACK_OFF;
                }
                LOG.warn("the ClickHouse engine ended with status {}; starting it again in {}", status, pause);
                Thread.sleep(pause.toMillis());
                pause = longer(pause);
                restart();
            }
        } catch (InterruptedException e) {
            // Only close() interrupts.
        }
    }

    private void restart() throws InterruptedException {
        EngineChild next = new EngineChild(command);
        child = next;
        if (isReady(next)) {
            LOG.info("ClickHouse serves again on {}", url());
        }
        restarts.incrementAndGet();
    }

    /** Leaves no process behind that does not serve. */
    private static boolean isReady(EngineChild started) throws InterruptedException {
        boolean ready = false;
        try {
            ready = started.awaitReady(START_PATIENCE);
            return ready;
        } finally {
            if (!ready) {
                started.destroy();
            }
        }
    }

    private static Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_BACK_OFF) > 0 ? LONGEST_BACK_OFF : doubled;
    }

    private static int freePort() {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(HOST), 0));
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("no free port on " + HOST, e);
        }
    }
}
