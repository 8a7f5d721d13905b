package dev.tokenmeter.embedded.registry;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.BindException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Starts the registry: reads {@code _schemas} to its end, then listens. The constructor returns when it can be used.
 * Requests are handled on worker threads, one at a time, as registering is rare and every client caches.
 */
public final class SchemaRegistry implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;

    private final String host;
    private final SchemaStore store;
    private final Vertx vertx;
    private final HttpServer server;

    /**
     * @param bootstrapServers a running Kafka
     * @param port 0 for a free one
     * @throws IllegalStateException if the port is in use or Kafka does not answer, in one sentence
     */
    public SchemaRegistry(String bootstrapServers, String host, int port) {
        this.host = host;
        store = new SchemaStore(new SchemaLog(bootstrapServers));
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(2));
        try {
            store.load();
            HttpServerOptions options = new HttpServerOptions().setHost(host).setPort(port);
            server = vertx.createHttpServer(options)
                    .requestHandler(new RegistryRoutes(vertx, store).router())
                    .listen()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting the schema registry", e);
        } catch (ExecutionException | TimeoutException e) {
            close();
            boolean inUse = e.getCause() instanceof BindException;
            throw new IllegalStateException(
                    inUse
                            ? "schema registry: port " + port + " on " + host + " is in use"
                            : "schema registry: could not start: " + e.getMessage(),
                    e);
        }
    }

    /** For {@code schema.registry.url}. */
    public String url() {
        return "http://" + host + ":" + server.actualPort();
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        store.close();
    }
}
