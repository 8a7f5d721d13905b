package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.dialect.UsageReading;
import dev.tokenmeter.schemas.Outcome;

/**
 * How a call ended.
 *
 * @param outcome in a word
 * @param httpStatus of the provider's answer; null when none came
 * @param providerRequestId the provider's own id; null when it gave none
 * @param streamed whether the answer was an event stream
 * @param requestedModel as the request names it; null when it was not seen
 * @param reading what the answer says
 */
record Ending(
        Outcome outcome,
        Integer httpStatus,
        String providerRequestId,
        boolean streamed,
        String requestedModel,
        UsageReading reading) {
    static Ending withoutAnswer(Outcome outcome, String requestedModel) {
        return new Ending(outcome, null, null, false, requestedModel, UsageReading.NOTHING);
    }
}
