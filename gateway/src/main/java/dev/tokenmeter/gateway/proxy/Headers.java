package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.attribution.Authenticator;
import dev.tokenmeter.gateway.dialect.Dialect;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which headers travel. Hop-by-hop ones never do.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1">RFC 9110, 7.6.1</a>
 */
final class Headers {
    private static final String OURS = "x-tokenmeter-";
    /** What OpenRouter calls an app by. */
    private static final Set<String> APP_NAMES = Set.of("http-referer", "x-title");

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

    private static final Set<String> OF_CONNECTION = with(HOP_BY_HOP, List.of("host", "expect", "content-length"));
    /** They would make another call of one that was judged by its method. */
    private static final List<String> OTHER_METHOD =
            List.of("x-http-method-override", "x-http-method", "x-method-override");

    private static final Set<String> OF_REQUEST = with(OF_CONNECTION, OTHER_METHOD);
    /**
     * What says more of the caller than the provider need know, and what would choose among the operator's organisations,
     * projects and who of them pays
     * (<a href="https://platform.openai.com/docs/api-reference/authentication">OpenAI</a>,
     * <a href="https://cloud.google.com/apis/docs/system-parameters">Google</a>).
     */
    private static final List<String> OF_CALLER = List.of(
            "cookie",
            "forwarded",
            "via",
            "x-real-ip",
            "x-client-ip",
            "true-client-ip",
            "cf-connecting-ip",
            "openai-organization",
            "openai-project",
            "x-goog-user-project");

    private static final String FORWARDED = "x-forwarded-";
    private static final Set<String> OF_REQUEST_WITH_KEY =
            with(with(OF_REQUEST, OF_CALLER), Authenticator.credentialHeaders());

    private Headers() {}

    private static Set<String> with(Set<String> names, Collection<String> more) {
        Set<String> all = new HashSet<>(names);
        all.addAll(more);
        return Set.copyOf(all);
    }

    /**
     * Copies a request's headers; with a key of the operator's only those that are the request's own. Its length is left to
     * whoever writes the body.
     *
     * @param forGateway whether a header, in lower case, is meant for a gateway
     */
    static void copyRequest(MultiMap from, MultiMap to, Call call, Predicate<String> forGateway) {
        String apiKey = call.apiKey();
        Set<String> dropped = dropped(from, apiKey == null ? OF_REQUEST : OF_REQUEST_WITH_KEY);
        boolean names = call.provider().wantsAppNames();
        copy(
                from,
                to,
                name -> !dropped.contains(name)
                        && (!forGateway.test(name) || names && APP_NAMES.contains(name))
                        && (apiKey == null || !name.startsWith(FORWARDED)));
        if (apiKey != null) {
            Dialect.Header credential = call.dialect().credential(apiKey);
            to.set(credential.name(), credential.value());
        }
        call.provider().headers().forEach(to::set);
        if (call.metered()) {
            to.set("accept-encoding", "identity");
        }
        call.trail().span().inject(to);
    }

    /** Copies an answer's headers, but for those that the gateway has set itself. */
    static void copyAnswer(MultiMap from, MultiMap to) {
        Set<String> named = dropped(from, HOP_BY_HOP);
        Set<String> dropped = to.isEmpty()
                ? named
                : with(
                        named,
                        to.names().stream()
                                .map(name -> name.toLowerCase(Locale.ROOT))
                                .toList());
        copy(from, to, name -> !dropped.contains(name) && !name.startsWith(OURS));
    }

    /** Whether a header speaks of the connection or of the message's framing, and so is nobody's to set. */
    static boolean isOfConnection(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return OF_CONNECTION.contains(lower);
    }

    /** With what the connection header names, which is rarely more than itself. */
    private static Set<String> dropped(MultiMap headers, Set<String> always) {
        if (!headers.contains("connection")) {
            return always;
        }
        List<String> named = new ArrayList<>();
        for (String connection : headers.getAll("connection")) {
            for (String name : connection.split(",")) {
                String lower = name.strip().toLowerCase(Locale.ROOT);
                if (!lower.equals("close")) {
                    named.add(lower);
                }
            }
        }
        return always.containsAll(named) ? always : with(always, named);
    }

    private static void copy(MultiMap from, MultiMap to, Predicate<String> travels) {
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!name.startsWith(":") && travels.test(name)) {
                to.add(header.getKey(), header.getValue());
            }
        }
    }
}
