package dev.tokenmeter.embedded.clickhouse;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What a request says in its URL and headers, in ClickHouse's vocabulary. */
record HttpQuery(Map<String, String> url, Headers headers) {
    private static final String PARAMETER_PREFIX = "param_";

    /** Parameters of the protocol; every other one is a setting of the engine. */
    private static final Set<String> PROTOCOL = Set.of(
            "query",
            "database",
            "default_format",
            "compress",
            "decompress",
            "user",
            "password",
            "query_id",
            "wait_end_of_query",
            "buffer_size",
            "enable_http_compression",
            "client_protocol_version",
            "quota_key",
            "stacktrace");

    static HttpQuery of(HttpExchange exchange) {
        return new HttpQuery(parse(exchange.getRequestURI().getRawQuery()), exchange.getRequestHeaders());
    }

    /** The statement, null if it is in the body. */
    String sql() {
        String sql = url.get("query");
        return sql == null || sql.isBlank() ? null : sql;
    }

    String format() {
        String format = url.getOrDefault("default_format", headers.getFirst("X-ClickHouse-Format"));
        return format == null || format.isBlank() ? "TabSeparated" : format;
    }

    /** The database to use, null for the default one. */
    String database() {
        String database = url.getOrDefault("database", headers.getFirst("X-ClickHouse-Database"));
        return database == null || database.isBlank() ? null : database;
    }

    String queryId() {
        return url.getOrDefault("query_id", UUID.randomUUID().toString());
    }

    boolean compressAnswer() {
        return "1".equals(url.get("compress"));
    }

    boolean compressedBody() {
        return "1".equals(url.get("decompress"));
    }

    /** Values of {@code {name:Type}} placeholders. */
    Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        url.forEach((name, value) -> {
            if (name.startsWith(PARAMETER_PREFIX)) {
                parameters.put(name.substring(PARAMETER_PREFIX.length()), value);
            }
        });
        return parameters;
    }

    /** Settings of the engine for this statement only. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>(url);
        settings.keySet().removeIf(name -> PROTOCOL.contains(name) || name.startsWith(PARAMETER_PREFIX));
        return settings;
    }

    /** The same request with more parameters, which do not replace those of the URL. */
    HttpQuery with(Map<String, String> more) {
        Map<String, String> merged = new LinkedHashMap<>(more);
        merged.putAll(url);
        return new HttpQuery(merged, headers);
    }

    /** Who asks, in any of the ways that ClickHouse takes it. */
    Credentials offered() {
        String authorization = headers.getFirst("Authorization");
        if (authorization != null && authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            return basic(authorization.substring(6).strip());
        }
        String user = url.getOrDefault("user", headers.getFirst("X-ClickHouse-User"));
        String password = url.getOrDefault("password", headers.getFirst("X-ClickHouse-Key"));
        return new Credentials(user == null ? "default" : user, password == null ? "" : password);
    }

    private static Credentials basic(String base64) {
        try {
            String pair = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0
                    ? new Credentials(pair, "")
                    : new Credentials(pair.substring(0, colon), pair.substring(colon + 1));
        } catch (IllegalArgumentException notBase64) {
            return new Credentials("", "");
        }
    }

    private static Map<String, String> parse(String rawQuery) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : rawQuery == null ? new String[0] : rawQuery.split("&")) {
            int equals = pair.indexOf('=');
            if (!pair.isEmpty()) {
                parameters.put(
                        decode(equals < 0 ? pair : pair.substring(0, equals)),
                        equals < 0 ? "" : decode(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decode(String part) {
        try {
            return URLDecoder.decode(part, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ChdbException(ChdbException.SYNTAX_ERROR, "malformed URL parameter");
        }
    }
}
