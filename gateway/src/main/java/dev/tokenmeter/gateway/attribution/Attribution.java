package dev.tokenmeter.gateway.attribution;

import java.util.Map;
import java.util.Set;

/**
 * Whom a call is charged to.
 *
 * @param tenant who pays
 * @param apiKeyId public id of the key
 * @param tags the call's dimensions
 * @param replaceable names of those tags that its body may still give another value
 * @param endUser the caller's end user, hashed when so configured; null when not given
 * @param traceId trace id of the caller's traceparent; null when not given
 */
public record Attribution(
        String tenant,
        String apiKeyId,
        Map<String, String> tags,
        Set<String> replaceable,
        String endUser,
        String traceId) {
    Attribution withApiKeyId(String id) {
        return new Attribution(tenant, id, tags, replaceable, endUser, traceId);
    }
}
