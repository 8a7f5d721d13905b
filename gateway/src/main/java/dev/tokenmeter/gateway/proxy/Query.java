package dev.tokenmeter.gateway.proxy;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Query parameters of a raw URI; those that stay keep every byte. */
final class Query {
    private Query() {}

    /** The values of a parameter, decoded. */
    static List<String> values(String uri, String name) {
        int query = uri.indexOf('?');
        return query < 0
                ? List.of()
                : Arrays.stream(uri.substring(query + 1).split("&"))
                        .filter(pair -> isNamed(pair, name))
                        .map(pair -> decoded(pair.substring(pair.indexOf('=') + 1)))
                        .toList();
    }

    /** The URI without a parameter. */
    static String without(String uri, String name) {
        int query = uri.indexOf('?');
        if (query < 0) {
            return uri;
        }
        String rest = Arrays.stream(uri.substring(query + 1).split("&"))
                .filter(pair -> !isNamed(pair, name))
                .collect(Collectors.joining("&"));
        return uri.substring(0, query) + (rest.isEmpty() ? "" : "?" + rest);
    }

    private static boolean isNamed(String pair, String name) {
        int equals = pair.indexOf('=');
        return equals >= 0 && decoded(pair.substring(0, equals)).equals(name);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
