package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.attribution.Authenticator;
import dev.tokenmeter.gateway.dialect.Dialect;
import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which headers travel. Hop-by-hop ones never do.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1">RFC 9110, 7.6.1</a>
 */
final class Headers {
    private static final String OURS = "x-tokenmeter-";
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings");

    private Headers() {}

    /**
     * Copies a request's headers. Its length is left to whoever writes the body.
     *
     * @param metered whether the answer must be readable, and so must come uncompressed
     * @param apiKey the provider's key to put in the place of the caller's; null to leave the caller's
     */
    static void copyRequest(MultiMap from, MultiMap to, Dialect dialect, boolean metered, String apiKey) {
        Set<String> dropped = dropped(from);
        dropped.add("host");
        dropped.add("expect");
        dropped.add("content-length");
        if (apiKey != null) {
            dropped.addAll(Authenticator.credentialHeaders());
        }
        copy(from, to, dropped);
        if (apiKey != null) {
            Dialect.Header credential = dialect.credential(apiKey);
            to.set(credential.name(), credential.value());
        }
        if (metered) {
            to.set("accept-encoding", "identity");
        }
    }

    /** Copies an answer's headers. */
    static void copyAnswer(MultiMap from, MultiMap to) {
        copy(from, to, dropped(from));
    }

    private static Set<String> dropped(MultiMap headers) {
        Set<String> dropped = new HashSet<>(HOP_BY_HOP);
        for (String connection : headers.getAll("connection")) {
            for (String name : connection.split(",")) {
                dropped.add(name.strip().toLowerCase(Locale.ROOT));
            }
        }
        return dropped;
    }

    private static void copy(MultiMap from, MultiMap to, Set<String> dropped) {
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!dropped.contains(name) && !name.startsWith(OURS) && !name.startsWith(":")) {
                to.add(header.getKey(), header.getValue());
            }
        }
    }
}
