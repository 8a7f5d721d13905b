package dev.tokenmeter.queryapi.access;

import dev.tokenmeter.queryapi.problem.Problem;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** Lets requests through that carry a known bearer token. Compares hashes, each in constant time. */
public final class TokenGuard implements Handler<RoutingContext> {
    private static final String SCHEME = "bearer ";

    private final List<ApiToken> tokens;

    public TokenGuard(List<ApiToken> tokens) {
        this.tokens = tokens;
    }

    @Override
    public void handle(RoutingContext context) {
        byte[] presented = sha256(bearer(context));
        Access found = null;
        for (ApiToken token : tokens) {
            // No early exit, so that the time taken says nothing about which token is near.
            if (MessageDigest.isEqual(token.sha256(), presented)) {
                found = token.access();
            }
        }
        if (found == null) {
            throw Problem.unauthorized();
        }
        found.attachTo(context);
        context.next();
    }

    private static String bearer(RoutingContext context) {
        String header = context.request().getHeader(HttpHeaders.AUTHORIZATION);
        if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw Problem.unauthorized();
        }
        return header.substring(SCHEME.length()).strip();
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
