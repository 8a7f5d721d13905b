package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.service.Settings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;

/**
 * Settings of the HTTP path.
 *
 * @param host address to bind
 * @param port port to bind; 0 for a free one
 * @param gatewayId which gateway saw a call, in its event
 * @param eventLoops threads that serve
 * @param maxRequestBodyBytes longest request that is held in memory because it must be edited; longer ones get 413
 * @param maxHeldBytes bound on what is held of all requests together
 * @param maxUsageBodyBytes longest JSON answer, and longest single stream event, whose usage is read
 * @param maxHeaderBytes bound on a request's or an answer's header
 * @param requestIdleTimeout longest silence within a request's body
 * @param requestTimeout until all of a request's body has come
 * @param tls what the port shows of itself; null for plain HTTP
 * @param drainTimeout how long a stop waits for calls under way
 * @param maxModels bound on the models told apart in metrics
 * @param http2 bounds on HTTP/2 connections of clients
 * @param providers upstreams
 */
public record ProxyConfig(
        String host,
        int port,
        String gatewayId,
        int eventLoops,
        int maxRequestBodyBytes,
        long maxHeldBytes,
        int maxUsageBodyBytes,
        int maxHeaderBytes,
        Duration requestIdleTimeout,
        Duration requestTimeout,
        ListenerTls tls,
        Duration drainTimeout,
        int maxModels,
        Http2Config http2,
        List<ProviderConfig> providers) {
    /** Reads {@code gateway.*} and {@code providers.*}. */
    public static ProxyConfig from(Settings settings) {
        int cores = Runtime.getRuntime().availableProcessors();
        int maxBodyBytes = settings.integer("gateway.max-request-body-bytes", 64 << 20, 1024, 1 << 30);
        long quarter = Runtime.getRuntime().maxMemory() / 4;
        return new ProxyConfig(
                settings.string("gateway.host", "127.0.0.1"),
                settings.port("gateway.port", 8080),
                settings.string("gateway.gateway-id", hostName()),
                settings.integer("gateway.event-loops", cores, 1, 1024),
                maxBodyBytes,
                settings.number("gateway.max-held-bytes", Math.max(quarter, maxBodyBytes), maxBodyBytes, 1L << 50),
                settings.integer("gateway.max-usage-body-bytes", 16 << 20, 1024, 1 << 30),
                settings.integer("gateway.max-header-bytes", 32 << 10, 4096, 1 << 20),
                settings.duration("gateway.request-idle-timeout", Duration.ofSeconds(30)),
                settings.duration("gateway.request-timeout", Duration.ofMinutes(10)),
                ListenerTls.from(settings),
                settings.duration("gateway.drain-timeout", Duration.ofSeconds(30)),
                settings.integer("gateway.metrics.max-models", 200, 1, 100_000),
                Http2Config.from(settings),
                ProviderConfig.allFrom(settings));
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "gateway";
        }
    }
}
