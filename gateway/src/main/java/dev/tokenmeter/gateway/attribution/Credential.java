package dev.tokenmeter.gateway.attribution;

import io.vertx.core.MultiMap;
import java.util.List;

/**
 * The secret that a caller presents, in whichever header its SDK uses, however often, or, for Gemini, in the query; a
 * virtual key wins over any other, so that it is never taken for a header of the provider's and forwarded.
 *
 * @param secret never to be logged; empty when none was presented
 */
record Credential(String secret) {
    /** The headers that SDKs use; Anthropic's current ones send a bearer token, older ones {@code x-api-key}. */
    static final List<String> HEADERS = List.of("authorization", "x-api-key", "api-key", "x-goog-api-key");

    private static final String VIRTUAL_PREFIX = "tm-";
    private static final String BEARER = "bearer ";

    static Credential of(MultiMap headers, List<String> inQuery) {
        String found = "";
        for (String header : HEADERS) {
            if (!headers.contains(header)) {
                continue;
            }
            for (String value : headers.getAll(header)) {
                String secret = secret(value);
                if (secret.startsWith(VIRTUAL_PREFIX)) {
                    return new Credential(secret);
                }
                found = found.isEmpty() ? secret : found;
            }
        }
        for (String value : inQuery) {
            String secret = secret(value);
            if (secret.startsWith(VIRTUAL_PREFIX)) {
                return new Credential(secret);
            }
            found = found.isEmpty() ? secret : found;
        }
        return new Credential(found);
    }

    private static String secret(String value) {
        boolean bearer = value.regionMatches(true, 0, BEARER, 0, BEARER.length());
        return (bearer ? value.substring(BEARER.length()) : value).strip();
    }

    boolean isVirtual() {
        return secret.startsWith(VIRTUAL_PREFIX);
    }

    boolean isAbsent() {
        return secret.isEmpty();
    }

    @Override
    public String toString() {
        return "Credential[" + (isVirtual() ? "virtual" : "pass-through") + "]";
    }
}
