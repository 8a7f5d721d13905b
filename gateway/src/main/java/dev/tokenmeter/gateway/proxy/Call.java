package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.attribution.Attribution;
import dev.tokenmeter.gateway.dialect.Dialect;
import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.dialect.RequestFields;
import dev.tokenmeter.gateway.key.KeyPolicy;

/**
 * A call that may pass.
 *
 * @param route where it goes
 * @param operation what it bills; null for a call that bills nothing and is not metered
 * @param attribution whom it is charged to
 * @param virtual whether it came with a key of the gateway's own
 * @param policy what the caller's key may be used for
 * @param apiKey the provider's key to use; null to leave the caller's in place; never to be logged
 * @param attempt which attempt to have it answered this is, from 1
 * @param clock runs since its arrival
 */
record Call(
        Route route,
        Operation operation,
        Attribution attribution,
        boolean virtual,
        KeyPolicy policy,
        String apiKey,
        int attempt,
        CallClock clock) {
    /** As it came in, before it is known to which address it goes. */
    Call(
            Route route,
            Operation operation,
            Attribution attribution,
            boolean virtual,
            KeyPolicy policy,
            CallClock clock) {
        this(route, operation, attribution, virtual, policy, null, 1, clock);
    }

    /** The same call as it goes to one of its provider's addresses. */
    Call to(Target target, int number) {
        Route to = route.at(target.upstream().config());
        return target.key() == null
                ? new Call(to, operation, attribution, virtual, policy, null, number, clock)
                : new Call(
                        to.withoutQueryKey(),
                        operation,
                        attribution,
                        virtual,
                        policy,
                        target.key().secret(),
                        number,
                        clock);
    }

    /** The id of the key that it must go out with; null for any that its provider has. */
    String providerKey() {
        return policy.providerKey(provider().name());
    }

    Call chargedTo(Attribution other) {
        return new Call(route, operation, other, virtual, policy, apiKey, attempt, clock);
    }

    Call billing(Operation other) {
        return new Call(route, other, attribution, virtual, policy, apiKey, attempt, clock);
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
        return dialect().requestedModel(route.path(), fields.model());
    }

    /** The model that the path names; null when it names none. */
    String modelInPath() {
        return dialect().requestedModel(route.path(), null);
    }

    /** Whether the request must be held and edited so that its stream will carry usage. */
    boolean mustAskForUsage() {
        return metered() && provider().injectStreamOptions() && dialect().usageMustBeAsked(operation, route.query());
    }
}
