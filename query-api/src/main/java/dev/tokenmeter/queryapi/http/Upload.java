package dev.tokenmeter.queryapi.http;

import io.vertx.core.MultiMap;

/**
 * A body as it came.
 *
 * @param mediaType in lower case, without parameters
 * @param headers of the request; names in any case
 * @param bytes not to be changed
 */
public record Upload(String mediaType, MultiMap headers, byte[] bytes) {}
