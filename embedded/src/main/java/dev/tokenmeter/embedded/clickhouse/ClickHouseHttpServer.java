package dev.tokenmeter.embedded.clickhouse;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * ClickHouse's HTTP protocol over the embedded engine, as far as ClickHouse's own clients use it. On loopback only; a
 * bounded number of requests run, a bounded number wait, and connections beyond are closed.
 *
 * <p>Results of {@code SELECT} are streamed in the formats that allow it (RowBinary, Native, TSV, CSV, JSONEachRow and
 * their kin); others are held in memory and refused beyond 256 MiB. No sessions, no roles, no progress headers.
 */
final class ClickHouseHttpServer implements AutoCloseable {
    static final int THREADS = 16;

    private static final int WAITING_REQUESTS = 256;
    private static final int ACCEPT_QUEUE = 64;

    private final HttpServer server;
    private final ThreadPoolExecutor threads;

    /**
     * @param engine outlives this server, which does not close it
     * @param port 0 for any free port
     * @throws IOException if the port is in use
     */
    ClickHouseHttpServer(Chdb engine, int port, Credentials credentials) throws IOException {
        // Otherwise each answer waits 40 ms for the client's delayed acknowledgement; read once, by the server's class.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        // Longer than clients keep a connection, so that they never write into one that we have just closed.
        System.setProperty("sun.net.httpserver.idleInterval", "300");
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                THREADS, THREADS, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(WAITING_REQUESTS), task -> {
                    Thread thread = new Thread(task, "clickhouse-http-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), ACCEPT_QUEUE);
        server.setExecutor(threads);
        server.createContext("/", new QueryHandler(engine, credentials, QueryHandler.timezoneOf(engine)));
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Takes no further request; those that run may go on. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
