package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.attribution.Attribution;
import dev.tokenmeter.gateway.dialect.Dialect;
import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.dialect.RequestFields;

/**
 * A call that may pass.
 *
 * @param route where it goes
 * @param operation what it bills; null for a call that bills nothing and is not metered
 * @param attribution whom it is charged to
 * @param virtual whether it came with a key of the gateway's own
 * @param apiKey the provider's key to use; null to leave the caller's in place
 * @param clock runs since its arrival
 */
record Call(
        Route route, Operation operation, Attribution attribution, boolean virtual, String apiKey, CallClock clock) {
    Call chargedTo(Attribution other) {
        return new Call(route, operation, other, virtual, apiKey, clock);
    }

    boolean metered() {
        return operation != null;
    }

    Dialect dialect() {
        return route.dialect();
    }

    ProviderConfig provider() {
        return route.provider();
    }

    /**
     * The model that the caller asked for; null when none was seen.
     *
     * @param fields of the body
     */
    String requestedModel(RequestFields fields) {
        String inPath = dialect().requestedModel(route.path());
        return inPath == null ? fields.model() : inPath;
    }

    /** Whether the request must be held and edited so that its stream will carry usage. */
    boolean mustAskForUsage() {
        return metered() && provider().injectStreamOptions() && dialect().usageMustBeAsked(operation);
    }
}
