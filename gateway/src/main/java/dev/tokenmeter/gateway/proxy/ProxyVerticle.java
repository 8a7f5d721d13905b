package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.outbox.OutboxLane;
import dev.tokenmeter.gateway.upstream.Upstream;
import dev.tokenmeter.gateway.upstream.UpstreamClient;
import dev.tokenmeter.gateway.upstream.Upstreams;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.tracing.TracingPolicy;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Map;

/** One event loop's share of the port, with connections to providers of its own so that a call never changes threads. */
final class ProxyVerticle extends VerticleBase {
    private final ProxyConfig config;
    private final ProxyHandler.Shared shared;
    private final Upstreams upstreams;
    private final int port;
    private HttpServer server;

    /** @param port to bind; event loops that bind the same one share its connections */
    ProxyVerticle(ProxyConfig config, ProxyHandler.Shared shared, Upstreams upstreams, int port) {
        this.port = port;
        this.upstreams = upstreams;
        this.config = config;
        this.shared = shared;
    }

    @Override
    public Future<?> start() {
        Map<Upstream, HttpClient> clients = new IdentityHashMap<>();
        for (ProviderConfig provider : config.providers()) {
            for (Upstream upstream : upstreams.of(provider.name())) {
                clients.put(upstream, client(upstream, provider));
            }
        }
        HttpServerOptions options = new HttpServerOptions()
                .setHost(config.host())
                .setPort(port)
                .setMaxHeaderSize(config.maxHeaderBytes())
                .setMaxInitialLineLength(config.maxHeaderBytes())
                .setHandle100ContinueAutomatically(true)
                .setHttp2ConnectionWindowSize(UpstreamClient.HTTP2_CONNECTION_WINDOW)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setTracingPolicy(TracingPolicy.IGNORE);
        options.getInitialSettings().setMaxHeaderListSize(config.maxHeaderBytes());
        config.http2().apply(options);
        if (config.tls() != null) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .setCertPath(config.tls().certificateFile())
                            .setKeyPath(config.tls().keyFile()));
        }
        server = vertx.createHttpServer(options);
        Loop loop = new Loop(context, clients, new OutboxLane(shared.outbox(), context), new Watchdogs(vertx));
        return server.requestHandler(new ProxyHandler(shared, loop)).listen();
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
