package dev.tokenmeter.gateway.proxy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;

/** What a client still sends of a request that is answered already, or never will be: thrown away, and not for ever. */
final class Leftover {
    private static final long HTTP2_NO_ERROR = 0;

    private Leftover() {}

    /**
     * Throws away what comes, so that the answer can be read by a client that first sends all of its request.
     *
     * @param patience after which the client is told to stop: the stream is reset, or HTTP/1.1's connection closed. An answer
     *     that is still being sent is not cut
     */
    static void discard(HttpServerRequest in, Vertx vertx, Duration patience) {
        long timer = vertx.setTimer(Math.max(1, patience.toMillis()), late -> stop(in, vertx, patience));
        in.handler(ignored -> {});
        in.endHandler(end -> vertx.cancelTimer(timer));
        in.resume();
    }

    private static void stop(HttpServerRequest in, Vertx vertx, Duration patience) {
        if (in.isEnded() || in.response().closed()) {
            return;
        } else if (!in.response().ended()) {
            discard(in, vertx, patience);
        } else if (in.version() == HttpVersion.HTTP_2) {
            in.response().reset(HTTP2_NO_ERROR);
        } else {
            in.connection().close();
        }
    }
}
