package dev.tokenmeter.gateway.limit;

/**
 * What a key may use.
 *
 * @param apiKeyId whose limits they are
 * @param requestsPerMinute null for no limit
 * @param tokensPerMinute input and output together; null for no limit
 */
public record Limits(String apiKeyId, Integer requestsPerMinute, Long tokensPerMinute) {
    /** No limits. */
    public static final Limits NONE = new Limits("", null, null);

    /** Whether there is none. */
    public boolean isNone() {
        return requestsPerMinute == null && tokensPerMinute == null;
    }
}
