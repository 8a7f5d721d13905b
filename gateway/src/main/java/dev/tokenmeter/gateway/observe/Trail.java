package dev.tokenmeter.gateway.observe;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;

/**
 * How a request came, and the span that it is part of.
 *
 * @param method of HTTP
 * @param client who sent it
 * @param span of the attempt under way; {@link CallSpan#NONE} before there is one
 */
public record Trail(String method, SocketAddress client, CallSpan span) {
    /** Of a request that has just come. */
    public static Trail of(HttpServerRequest in) {
        return new Trail(in.method().name(), in.remoteAddress(), CallSpan.NONE);
    }

    /** The same in a span. */
    public Trail in(CallSpan newSpan) {
        return new Trail(method, client, newSpan);
    }
}
