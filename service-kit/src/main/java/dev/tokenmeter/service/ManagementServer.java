package dev.tokenmeter.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * {@code /metrics} (Prometheus), {@code /health/live} and {@code /health/ready} of one service, on a port of its own so
 * that traffic and management can be firewalled apart. Health answers 200 or 503 with one line a check.
 */
public final class ManagementServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads;
    private final JvmGcMetrics gcMetrics = new JvmGcMetrics();

    /**
     * Binds and serves at once.
     *
     * @param portSetting the setting's key, for the error
     * @throws SettingException if the port is in use
     */
    public ManagementServer(String host, int port, String portSetting, PrometheusMeterRegistry meters, Health health)
            throws IOException {
        new ClassLoaderMetrics().bindTo(meters);
        new JvmMemoryMetrics().bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        new ProcessorMetrics().bindTo(meters);
        gcMetrics.bindTo(meters);
        try {
            server = HttpServer.create(new InetSocketAddress(host, port), 16);
        } catch (BindException e) {
            throw new SettingException(portSetting, "port " + port + " on " + host + " is in use", "a free port");
        }
        threads = Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task, "management-" + port);
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/metrics", exchange -> answer(exchange, 200, meters.scrape()));
        server.createContext("/health/live", exchange -> answer(exchange, health.live()));
        server.createContext("/health/ready", exchange -> answer(exchange, health.ready()));
        server.start();
    }

    /** The port that was bound. */
    public int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, Map<String, Health.Status> checks) throws IOException {
        boolean up = checks.values().stream().allMatch(Health.Status::up);
        StringBuilder text = new StringBuilder(up ? "UP\n" : "DOWN\n");
        checks.forEach((name, status) -> text.append(name)
                .append(status.up() ? ": up" : ": down")
                .append(status.detail().isEmpty() ? "" : " (" + status.detail() + ")")
                .append('\n'));
        answer(exchange, up ? 200 : 503, text.toString());
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        gcMetrics.close();
    }
}
