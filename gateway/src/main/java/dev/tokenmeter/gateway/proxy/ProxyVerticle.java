package dev.tokenmeter.gateway.proxy;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.tracing.TracingPolicy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** One event loop's share of the port, with connections to providers of its own so that a call never changes threads. */
final class ProxyVerticle extends VerticleBase {
    /** Below what providers keep idle connections open for, so that none is used while it closes. */
    private static final int IDLE_CONNECTION_SECONDS = 30;

    private final ProxyConfig config;
    private final ProxyHandler.Shared shared;
    private final int port;
    private HttpServer server;

    /** @param port to bind; event loops that bind the same one share its connections */
    ProxyVerticle(ProxyConfig config, ProxyHandler.Shared shared, int port) {
        this.port = port;
        this.config = config;
        this.shared = shared;
    }

    @Override
    public Future<?> start() {
        Map<String, HttpClient> clients = new HashMap<>();
        config.providers().forEach(provider -> clients.put(provider.name(), client(provider)));
        server = vertx.createHttpServer(new HttpServerOptions()
                .setHost(config.host())
                .setPort(port)
                .setMaxHeaderSize(config.maxHeaderBytes())
                .setMaxInitialLineLength(config.maxHeaderBytes())
                .setHandle100ContinueAutomatically(true)
                .setTracingPolicy(TracingPolicy.IGNORE));
        return server.requestHandler(new ProxyHandler(shared, context, clients)).listen();
    }

    private HttpClient client(ProviderConfig provider) {
        HttpClientOptions options = new HttpClientOptions()
                .setKeepAliveTimeout(IDLE_CONNECTION_SECONDS)
                .setConnectTimeout(Math.toIntExact(provider.connectTimeout().toMillis()))
                .setMaxHeaderSize(config.maxHeaderBytes())
                .setMaxInitialLineLength(config.maxHeaderBytes())
                .setTracingPolicy(TracingPolicy.IGNORE);
        int share = Math.max(1, provider.maxConnections() / config.eventLoops());
        PoolOptions pool = new PoolOptions().setHttp1MaxSize(share).setMaxWaitQueueSize(share);
        return vertx.createHttpClient(options, pool);
    }

    int port() {
        return server.actualPort();
    }

    Future<Void> shutdown() {
        Duration drain = config.drainTimeout();
        return server == null ? Future.succeededFuture() : server.shutdown(drain);
    }
}
