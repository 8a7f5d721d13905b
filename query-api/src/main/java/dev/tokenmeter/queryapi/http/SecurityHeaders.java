package dev.tokenmeter.queryapi.http;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/**
 * Headers on every answer: the page may load nothing from elsewhere and be framed by nobody; answers of the API are not
 * kept by caches, as they are somebody's numbers.
 */
public final class SecurityHeaders {
    private SecurityHeaders() {}

    public static void add(RoutingContext context) {
        HttpServerResponse response = context.response();
        response.putHeader(
                "Content-Security-Policy",
                "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
        response.putHeader("X-Content-Type-Options", "nosniff");
        response.putHeader("Referrer-Policy", "no-referrer");
        response.putHeader("Cross-Origin-Resource-Policy", "same-origin");
        if (context.normalizedPath().startsWith("/api/")) {
            response.putHeader("Cache-Control", "no-store");
        }
        context.next();
    }
}
