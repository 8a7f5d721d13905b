package dev.tokenmeter.gateway.upstream;

import dev.tokenmeter.service.Settings;
import java.time.Duration;

/**
 * How to connect to a provider's addresses.
 *
 * @param connectTimeout for a connection, its wait in the pool included
 * @param http2 whether HTTP/2 is spoken
 * @param tls trust and identity
 * @param maxConnections bound on connections to one address, shared out evenly among event loops
 * @param maxWaiting bound on calls that wait for a connection to one address, be it made or in use, shared out evenly among
 *     event loops
 */
public record ConnectionConfig(
        Duration connectTimeout, Http2 http2, TlsConfig tls, int maxConnections, int maxWaiting) {
    /** When HTTP/2 is spoken. */
    public enum Http2 {
        /** Where the server agrees to it in the TLS handshake (ALPN). */
        AUTO,
        /** Always, also without TLS: the server is known to speak it. */
        PRIOR_KNOWLEDGE,
        NEVER
    }

    /**
     * Reads them.
     *
     * @param prefix of the provider's settings, with its dot
     */
    public static ConnectionConfig from(Settings settings, String prefix) {
        int maxConnections = settings.integer(prefix + "max-connections", 2048, 1, 100_000);
        return new ConnectionConfig(
                settings.duration(prefix + "connect-timeout", Duration.ofSeconds(10)),
                settings.oneOf(prefix + "http2", Http2.class, Http2.AUTO),
                TlsConfig.from(settings, prefix),
                maxConnections,
                settings.integer(prefix + "max-waiting", maxConnections, 1, 1_000_000));
    }
}
