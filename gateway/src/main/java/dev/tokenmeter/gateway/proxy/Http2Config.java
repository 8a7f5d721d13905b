package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.service.Settings;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.TimeUnit;

/**
 * Bounds on one HTTP/2 connection of a client.
 *
 * @param maxStreams calls at once
 * @param maxResets calls that may be given up within 30 seconds; at one more the connection is closed, and all its calls
 *     with it. Hanging up in the midst of a stream is nothing unusual, so it is far above what clients do, and below what an
 *     attack needs (<a href="https://www.cve.org/CVERecord?id=CVE-2023-44487">CVE-2023-44487</a>)
 */
record Http2Config(int maxStreams, int maxResets) {
    private static final int WINDOW_SECONDS = 30;

    /** Reads {@code gateway.http2.*}. */
    static Http2Config from(Settings settings) {
        return new Http2Config(
                settings.integer("gateway.http2.max-concurrent-streams", 100, 1, 100_000),
                settings.integer("gateway.http2.max-resets", 10_000, 1, Integer.MAX_VALUE));
    }

    void apply(HttpServerOptions options) {
        options.getInitialSettings().setMaxConcurrentStreams(maxStreams);
        options.setHttp2RstFloodMaxRstFramePerWindow(maxResets)
                .setHttp2RstFloodWindowDuration(WINDOW_SECONDS)
                .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS);
    }
}
