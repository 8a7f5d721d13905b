package dev.tokenmeter.standalone.registry;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.BindException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;

/**
 * The schema registry of the embedded default. One instance per Kafka: it alone gives out ids. What was acknowledged is
 * in Kafka, so it may be stopped or killed at any time. Safe for use by several threads.
 */
public final class SchemaRegistry implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;

    private final String host;
    private final SchemaTopic topic;
    private final Vertx vertx;
    private final HttpServer server;

    /**
     * Reads all schemas, then serves; returns when it does. Blocking.
     *
     * @param bootstrapServers a Kafka that is up
     * @param host address to listen on; there is no authentication, so loopback
     * @param port 0 for any free port
     * @throws IllegalStateException if the port is in use or Kafka does not answer
     */
    public SchemaRegistry(String bootstrapServers, String host, int port) {
        this.host = host;
        this.topic = new SchemaTopic(bootstrapServers);
        this.vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
        boolean serves = false;
        try {
            SchemaIndex index = new SchemaIndex();
            topic.load(index);
            RegistryApi api = new RegistryApi(vertx, index, new Registrar(topic, index));
            server = vertx.createHttpServer(
                            new HttpServerOptions().setHost(host).setPort(port))
                    .requestHandler(api.router(vertx))
                    .listen()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            serves = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the schema registry started", e);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new IllegalStateException("the schema registry does not start: " + reason(e, port), e);
        } finally {
            if (!serves) {
                close();
            }
        }
    }

    private String reason(Exception failure, int port) {
        return failure.getCause() instanceof BindException
                ? "port " + port + " on " + host + " is in use"
                : String.valueOf(failure.getMessage());
    }

    /** What to give to a client as {@code schema.registry.url}. */
    public String url() {
        return "http://" + host + ":" + server.actualPort();
    }

    /** Stops serving. Blocking; does nothing when called again. */
    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        topic.close();
    }
}
