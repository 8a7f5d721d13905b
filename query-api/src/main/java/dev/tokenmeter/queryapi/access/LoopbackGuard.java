package dev.tokenmeter.queryapi.access;

import dev.tokenmeter.queryapi.problem.Problem;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Guards an API that has no tokens and so listens on loopback only: a page from elsewhere in this machine's browser must
 * not reach it, neither by a name that it makes resolve to this machine (DNS rebinding) nor by sending a form here.
 */
public final class LoopbackGuard implements Handler<RoutingContext> {
    private static final Pattern LOOPBACK_NAME =
            Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]|::1", Pattern.CASE_INSENSITIVE);
    private static final Access EVERYTHING = new Access("local", Optional.empty(), Role.ADMIN);

    /** Whether a listener on that host can be reached from this machine only. */
    public static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    @Override
    public void handle(RoutingContext context) {
        HostAndPort authority = context.request().authority();
        if (authority == null || !LOOPBACK_NAME.matcher(authority.host()).matches()) {
            throw Problem.forbidden("Without API tokens, this API answers only to localhost.");
        }
        String origin = context.request().getHeader(HttpHeaders.ORIGIN);
        if (origin != null
                && !origin.equalsIgnoreCase("http://" + context.request().getHeader(HttpHeaders.HOST))) {
            throw Problem.forbidden("Without API tokens, this API answers only to its own page.");
        }
        EVERYTHING.attachTo(context);
        context.next();
    }
}
