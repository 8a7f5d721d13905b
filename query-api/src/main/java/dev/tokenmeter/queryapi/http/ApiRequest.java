package dev.tokenmeter.queryapi.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.queryapi.access.Access;

/**
 * What an endpoint is given.
 *
 * @param access who asks
 * @param parameters of the query
 * @param id the last part of the path, where it is a variable; else null
 * @param body a JSON object, or null where there is none
 * @param upload the body as it came, where the endpoint takes a file; else null
 */
public record ApiRequest(Access access, Parameters parameters, String id, JsonNode body, Upload upload) {}
