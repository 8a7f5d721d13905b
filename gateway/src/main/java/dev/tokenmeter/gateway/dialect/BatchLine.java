package dev.tokenmeter.gateway.dialect;

import java.time.Instant;

/**
 * The result of one call of a batch, or of a response that ran in the background.
 *
 * @param id tells it from the batch's others, the same whenever it is fetched
 * @param at when it was made, UTC; null when it does not say
 * @param httpStatus of the call within the batch; null when it does not say
 * @param requestId the provider's own id; null when there is none
 * @param operation what the call did
 * @param reading what it used; of a batch's call at the service tier {@value #TIER}
 */
public record BatchLine(
        String id, Instant at, Integer httpStatus, String requestId, Operation operation, UsageReading reading) {
    /** What prices call it. */
    public static final String TIER = "batch";
}
