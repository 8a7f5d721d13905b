package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.upstream.Upstream;
import dev.tokenmeter.gateway.upstream.UpstreamClient;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.tracing.TracingPolicy;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Map;

/** One event loop's share of the port, with connections to providers of its own so that a call never changes threads. */
final class ProxyVerticle extends VerticleBase {
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
        Map<Upstream, HttpClient> clients = new IdentityHashMap<>();
        for (ProviderConfig provider : config.providers()) {
            for (Upstream upstream : shared.exchange().upstreams().of(provider.name())) {
                clients.put(upstream, client(upstream, provider));
            }
        }
        server = vertx.createHttpServer(new HttpServerOptions()
                .setHost(config.host())
                .setPort(port)
                .setMaxHeaderSize(config.maxHeaderBytes())
                .setMaxInitialLineLength(config.maxHeaderBytes())
                .setHandle100ContinueAutomatically(true)
                .setTracingPolicy(TracingPolicy.IGNORE));
        return server.requestHandler(new ProxyHandler(shared, context, clients)).listen();
    }

    private HttpClient client(Upstream upstream, ProviderConfig provider) {
        return UpstreamClient.create(
                vertx, upstream.config(), provider.connections(), config.eventLoops(), config.maxHeaderBytes());
    }

    int port() {
        return server.actualPort();
    }

    Future<Void> shutdown() {
        Duration drain = config.drainTimeout();
        return server == null ? Future.succeededFuture() : server.shutdown(drain);
    }
}
