package dev.tokenmeter.gateway.attribution;

import java.util.Map;

/**
 * Whom a call is charged to.
 *
 * @param tenant who pays
 * @param apiKeyId public id of the key
 * @param tags the call's dimensions
 * @param endUser the caller's end user, hashed when so configured; null when not given
 * @param traceId trace id of the caller's traceparent; null when not given
 */
public record Attribution(String tenant, String apiKeyId, Map<String, String> tags, String endUser, String traceId) {}
