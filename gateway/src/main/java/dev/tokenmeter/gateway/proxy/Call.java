package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.attribution.Attribution;
import dev.tokenmeter.gateway.dialect.Dialect;
import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.dialect.RequestFields;
import dev.tokenmeter.gateway.key.KeyPolicy;
import dev.tokenmeter.gateway.observe.CallSpan;
import dev.tokenmeter.gateway.observe.Trail;

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
 * @param trail how it came, and its place in a trace
 */
record Call(
        Route route,
        Operation operation,
        Attribution attribution,
        boolean virtual,
        KeyPolicy policy,
        String apiKey,
        int attempt,
        CallClock clock,
        Trail trail) {
    /** As it came in, before it is known to which address it goes. */
    Call(
            Route route,
            Operation operation,
            Attribution attribution,
            boolean virtual,
            KeyPolicy policy,
            CallClock clock,
            Trail trail) {
        this(route, operation, attribution, virtual, policy, null, 1, clock, trail);
    }

    /** The same call as one of its attempts. */
    Call to(Target target, int number) {
        Route there = route.at(target.provider(), target.upstream().config());
        String key = target.key() == null ? null : target.key().secret();
        return with(key == null ? there : there.withoutQueryKey(), key, number);
    }

    /** The same call with the number of an attempt. */
    Call numbered(int number) {
        return with(route, apiKey, number);
    }

    /** The same call for another model, where its path names one. */
    Call withModel(String asked, String model) {
        return with(route.withModel(asked, model), apiKey, attempt);
    }

    private Call with(Route to, String key, int number) {
        return new Call(to, operation, attribution, virtual, policy, key, number, clock, trail);
    }

    Call chargedTo(Attribution other) {
        return new Call(route, operation, other, virtual, policy, apiKey, attempt, clock, trail);
    }

    /** The same call in a span of its own. */
    Call in(CallSpan span) {
        return span == trail.span()
                ? this
                : new Call(route, operation, attribution, virtual, policy, apiKey, attempt, clock, trail.in(span));
    }

    Call billing(Operation other) {
        return new Call(route, other, attribution, virtual, policy, apiKey, attempt, clock, trail);
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
