package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.dialect.Access;
import dev.tokenmeter.gateway.dialect.Dialect;
import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.upstream.UpstreamConfig;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where a call goes.
 *
 * @param provider to whom
 * @param baseUrl at which of its addresses
 * @param path below the provider's prefix, beginning with a slash; all of it decoded, as a server may understand it, and
 *     without a slash at its end
 * @param sentPath the same as it is sent: as {@link RequestTarget} spells it
 * @param query raw; null for none; may hold a key, so it is never to be logged
 */
record Route(ProviderConfig provider, URI baseUrl, String path, String sentPath, String query) {
    /** The provider prefixes and what they lead to. */
    static final class Table {
        private final Map<String, ProviderConfig> providers;

        Table(Collection<ProviderConfig> providers) {
            this.providers = ProviderConfig.byName(List.copyOf(providers));
        }

        /** The route of a request; empty when its first segment names no provider. */
        Optional<Route> find(String path, String query) {
            int slash = path.indexOf('/', 1);
            String prefix = path.isEmpty() ? "" : path.substring(1, slash < 0 ? path.length() : slash);
            String rest = slash < 0 ? "/" : path.substring(slash);
            return Optional.ofNullable(providers.get(prefix))
                    .map(provider ->
                            new Route(provider, provider.upstreams().get(0).baseUrl(), judged(rest), rest, query));
        }

        /** What a caller writes as {@code %3AgenerateContent} is served as that, so it must be billed as that. */
        private static String judged(String path) {
            String trimmed = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
            if (trimmed.indexOf('%') < 0) {
                return trimmed;
            }
            try {
                return URLDecoder.decode(trimmed.replace("+", "%2B"), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return trimmed; // no server can decode it either
            }
        }

        String names() {
            return String.join(", ", providers.keySet());
        }
    }

    /** The same call at another address, of this provider or of another one. */
    Route at(ProviderConfig other, UpstreamConfig upstream) {
        return new Route(other, upstream.baseUrl(), path, sentPath, query);
    }

    /** The same with another model where the path names one: in a segment of its own, or before a colon. */
    Route withModel(String asked, String model) {
        String renamed = Arrays.stream(sentPath.split("/", -1))
                .map(segment -> segment.equals(asked) || segment.startsWith(asked + ":")
                        ? model + segment.substring(asked.length())
                        : segment)
                .collect(Collectors.joining("/"));
        return new Route(provider, baseUrl, path, renamed, query);
    }

    /** Path and query there. A version segment that both the base URL and the caller's path hold is written once. */
    String uri() {
        String base = baseUrl.getRawPath() == null ? "" : baseUrl.getRawPath();
        String last = base.substring(base.lastIndexOf('/') + 1);
        boolean doubled = !last.isEmpty() && (sentPath.equals("/" + last) || sentPath.startsWith("/" + last + "/"));
        String full = base + (doubled ? sentPath.substring(last.length() + 1) : sentPath);
        return query == null ? full : full + "?" + query;
    }

    /** What the call bills, if it bills anything. */
    Optional<Operation> operation(String method) {
        return dialect().operation(method, path);
    }

    /**
     * Whose data the call touches.
     *
     * @param operation what it bills; null for nothing
     */
    Access access(String method, Operation operation) {
        boolean other = operation == Operation.OTHER;
        return operation == null || other ? dialect().access(method, path, other) : Access.TO_NOTHING;
    }

    /** How the provider speaks there. */
    Dialect dialect() {
        return provider.dialect().at(path);
    }

    /** The API keys in the query. Never to be logged. */
    List<String> queryKeys() {
        String parameter = provider.dialect().credentialParameter();
        return parameter == null || query == null ? List.of() : Query.values("?" + query, parameter);
    }

    /** The same without the API key in its query. */
    Route withoutQueryKey() {
        String parameter = provider.dialect().credentialParameter();
        if (parameter == null || query == null) {
            return this;
        }
        String rest = Query.without("?" + query, parameter);
        return new Route(provider, baseUrl, path, sentPath, rest.isEmpty() ? null : rest.substring(1));
    }

    @Override
    public String toString() {
        return "Route[" + provider.name() + ", " + path + "]";
    }
}
