package dev.tokenmeter.gateway.upstream;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.KeyStoreOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.tracing.TracingPolicy;
import java.util.List;

/** Makes the HTTP client of one address for one event loop. */
public final class UpstreamClient {
    /** Below what providers keep idle connections open for, so that none is used while it closes. */
    private static final int IDLE_CONNECTION_SECONDS = 30;

    /** Calls on one HTTP/2 connection; what most servers allow. */
    private static final int MAX_STREAMS = 100;

    /**
     * Of one HTTP/2 connection, bytes: more than all its streams can hold back together, or a client that reads slowly
     * would stop the other clients' answers.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc9113#section-5.2">RFC 9113, 5.2</a>
     */
    public static final int HTTP2_CONNECTION_WINDOW = 16 << 20;

    private UpstreamClient() {}

    /**
     * A client for the event loop that calls this.
     *
     * @param eventLoops among how many the connections are shared out
     * @param maxHeaderBytes bound on an answer's header
     */
    public static HttpClient create(
            Vertx vertx, UpstreamConfig upstream, ConnectionConfig config, int eventLoops, int maxHeaderBytes) {
        HttpClientOptions options = new HttpClientOptions()
                .setKeepAliveTimeout(IDLE_CONNECTION_SECONDS)
                .setHttp2KeepAliveTimeout(IDLE_CONNECTION_SECONDS)
                .setHttp2ConnectionWindowSize(HTTP2_CONNECTION_WINDOW)
                .setHttp2MultiplexingLimit(MAX_STREAMS)
                .setConnectTimeout(Math.toIntExact(config.connectTimeout().toMillis()))
                .setMaxHeaderSize(maxHeaderBytes)
                .setMaxInitialLineLength(maxHeaderBytes)
                .setTracingPolicy(TracingPolicy.IGNORE);
        options.getInitialSettings().setMaxHeaderListSize(maxHeaderBytes);
        version(options, upstream.isTls(), config.http2());
        if (upstream.isTls()) {
            tls(options, config.tls());
        }
        int share = Math.max(1, config.maxConnections() / eventLoops);
        int waiting = (config.maxWaiting() + eventLoops - 1) / eventLoops;
        PoolOptions pool =
                new PoolOptions().setHttp1MaxSize(share).setHttp2MaxSize(share).setMaxWaitQueueSize(waiting);
        return vertx.createHttpClient(options, pool);
    }

    private static void version(HttpClientOptions options, boolean tls, ConnectionConfig.Http2 http2) {
        boolean always = http2 == ConnectionConfig.Http2.PRIOR_KNOWLEDGE;
        if (always || tls && http2 == ConnectionConfig.Http2.AUTO) {
            options.setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false)
                    .setUseAlpn(tls)
                    .setAlpnVersions(
                            always ? List.of(HttpVersion.HTTP_2) : List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1));
        }
    }

    private static void tls(HttpClientOptions options, TlsConfig tls) {
        options.setSsl(true).setVerifyHost(tls.verifyHost());
        if (tls.caFile() != null) {
            options.setTrustOptions(new PemTrustOptions().addCertPath(tls.caFile()));
        } else if (tls.trustStore() != null) {
            options.setTrustOptions(new KeyStoreOptions()
                    .setType(tls.storeType().orElseThrow())
                    .setPath(tls.trustStore())
                    .setPassword(tls.trustStorePassword()));
        }
        if (tls.certificateFile() != null) {
            options.setKeyCertOptions(
                    new PemKeyCertOptions().setCertPath(tls.certificateFile()).setKeyPath(tls.keyFile()));
        }
    }
}
