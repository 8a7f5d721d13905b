package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.dialect.Dialect;
import dev.tokenmeter.gateway.dialect.Operation;
import java.net.URI;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where a call goes.
 *
 * @param provider to whom
 * @param path below the provider's prefix, raw, beginning with a slash
 * @param uri path and query at the provider
 */
record Route(ProviderConfig provider, String path, String uri) {
    /** The provider prefixes and what they lead to. */
    static final class Table {
        private final Map<String, ProviderConfig> providers;

        Table(Collection<ProviderConfig> providers) {
            this.providers = ProviderConfig.byName(java.util.List.copyOf(providers));
        }

        /** The route of a request; empty when its first segment names no provider. */
        Optional<Route> find(String path, String query) {
            int slash = path.indexOf('/', 1);
            String prefix = path.isEmpty() ? "" : path.substring(1, slash < 0 ? path.length() : slash);
            String rest = slash < 0 ? "/" : path.substring(slash);
            return Optional.ofNullable(providers.get(prefix))
                    .map(provider -> new Route(provider, rest, uri(provider.baseUrl(), rest, query)));
        }

        String names() {
            return String.join(", ", providers.keySet());
        }
    }

    /** A version segment that both the base URL and the caller's path hold is written once. */
    private static String uri(URI baseUrl, String rest, String query) {
        String base = baseUrl.getRawPath() == null ? "" : baseUrl.getRawPath();
        String last = base.substring(base.lastIndexOf('/') + 1);
        boolean doubled = !last.isEmpty() && (rest.equals("/" + last) || rest.startsWith("/" + last + "/"));
        String path = base + (doubled ? rest.substring(last.length() + 1) : rest);
        return query == null ? path : path + "?" + query;
    }

    /** Whether the path steps sideways ({@code .}, {@code ..}): it would be judged as one path and served as another. */
    static boolean isDevious(String path) {
        return Arrays.stream(path.split("/"))
                .map(segment -> segment.toLowerCase(Locale.ROOT).replace("%2e", "."))
                .anyMatch(segment -> segment.equals(".") || segment.equals("..") || segment.contains("%2f"));
    }

    /** What the call bills, if it bills anything. */
    Optional<Operation> operation(String method) {
        String trimmed = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return dialect().operation(method, trimmed);
    }

    /** How the provider speaks there. */
    Dialect dialect() {
        return provider.dialect().at(path);
    }

    /** The API key in the query; null when there is none. Never to be logged, as the {@link #uri}. */
    String queryKey() {
        String parameter = provider.dialect().credentialParameter();
        return parameter == null ? null : Query.value(uri, parameter);
    }

    /** The same without the API key in its query. */
    Route withoutQueryKey() {
        String parameter = provider.dialect().credentialParameter();
        return parameter == null ? this : new Route(provider, path, Query.without(uri, parameter));
    }

    @Override
    public String toString() {
        return "Route[" + provider.name() + ", " + path + "]";
    }

    int port() {
        URI url = provider.baseUrl();
        return url.getPort() >= 0 ? url.getPort() : isTls() ? 443 : 80;
    }

    boolean isTls() {
        return provider.baseUrl().getScheme().equals("https");
    }
}
