package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.attribution.Admission;
import dev.tokenmeter.gateway.attribution.Attribution;
import dev.tokenmeter.gateway.attribution.Authenticator;
import dev.tokenmeter.gateway.attribution.TagException;
import dev.tokenmeter.gateway.cap.Reservation;
import dev.tokenmeter.gateway.dialect.Access;
import dev.tokenmeter.gateway.dialect.Dialect;
import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.key.Denial;
import dev.tokenmeter.gateway.key.KeyPolicy;
import dev.tokenmeter.gateway.observe.Trail;
import dev.tokenmeter.gateway.outbox.Outbox;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.service.Health;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;

/** Takes a request in: finds its route, decides whether it may pass, and hands it to an {@link Exchange}. Event loop. */
final class ProxyHandler implements Handler<HttpServerRequest> {
    /** What handlers share. */
    record Shared(
            Route.Table routes,
            Authenticator authenticator,
            Outbox outbox,
            Health health,
            Exchange.Shared exchange,
            CallReport report) {}

    private static final Dialect NO_PROVIDER = Dialect.named("openai");

    private final Shared shared;
    private final Loop loop;

    ProxyHandler(Shared shared, Loop loop) {
        this.shared = shared;
        this.loop = loop;
    }

    @Override
    public void handle(HttpServerRequest in) {
        CallClock clock = new CallClock();
        RequestTarget target = RequestTarget.of(in);
        RequestTarget.Objection objection = target.objection();
        if (objection != null) {
            refuse(in, NO_PROVIDER, "", new Admission.Refused(400, objection.code(), objection.message(), null));
        } else if (target.path().equals("/health/live")) {
            Replies.health(in.response(), shared.health.live());
        } else if (target.path().equals("/health/ready")) {
            Replies.health(in.response(), shared.health.ready());
        } else {
            route(in, target, clock);
        }
    }

    private void route(HttpServerRequest in, RequestTarget target, CallClock clock) {
        Optional<Route> route = shared.routes.find(target.path(), target.query());
        if (route.isEmpty()) {
            refuse(
                    in,
                    NO_PROVIDER,
                    "",
                    new Admission.Refused(
                            404,
                            "unknown_provider",
                            "The path names no provider. Known: " + shared.routes.names()
                                    + "; e.g. /openai/v1/chat/completions.",
                            null));
            return;
        }
        if (WebSockets.isAskedFor(in)) {
            Admission.Refused refused = new Admission.Refused(501, "websocket_not_metered", WebSockets.MESSAGE, null);
            refuse(in, route.get().dialect(), route.get().provider().name(), refused);
            return;
        }
        if (Realtime.isOpenedAt(route.get().path())) {
            Admission.Refused refused = new Admission.Refused(501, "realtime_not_metered", Realtime.MESSAGE, null);
            refuse(in, route.get().dialect(), route.get().provider().name(), refused);
            return;
        }
        Operation operation = route.get().operation(in.method().name()).orElse(null);
        Admission admission = admit(in, route.get(), operation);
        if (admission instanceof Admission.Admitted admitted) {
            start(
                    in,
                    new Call(
                            route.get(),
                            operation,
                            admitted.attribution(),
                            admitted.virtual(),
                            admitted.policy(),
                            clock,
                            Trail.of(in)));
        } else if (admission instanceof Admission.Refused refused) {
            Attribution payer = refused.attribution();
            KeyPolicy none = KeyPolicy.UNRESTRICTED;
            turnAway(in, refused, new Call(route.get(), operation, payer, false, none, clock, Trail.of(in)));
        }
    }

    private Admission admit(HttpServerRequest in, Route route, Operation operation) {
        Admission admission;
        try {
            admission = shared.authenticator.admit(in.headers(), route.queryKeys());
        } catch (TagException e) {
            return new Admission.Refused(400, "bad_tags", e.getMessage(), null);
        }
        if (!(admission instanceof Admission.Admitted admitted)) {
            return admission;
        }
        String provider = route.provider().name();
        if (!admitted.virtual() && !route.provider().passThrough()) {
            String message =
                    "The gateway adds credentials of its own to calls to " + provider + " (providers." + provider
                            + ".headers, tls.client-certificate-file), so it takes only its own keys, which begin with tm-, there"
                            + " (providers." + provider + ".pass-through: true allows others).";
            return new Admission.Refused(403, "pass_through_not_allowed", message, null);
        }
        Access.Reach reach = admitted.virtual() ? reach(in, route, operation, admitted) : Access.Reach.NOTHING;
        Optional<Denial> denial = admitted.policy().denies(provider, operation, reach);
        if (denial.isPresent()) {
            return new Admission.Refused(403, denial.get().code(), denial.get().message(), admitted.attribution());
        }
        String keyId = admitted.policy().providerKey(provider);
        if (admitted.virtual() && !route.provider().hasKey(keyId)) {
            String setting = "providers." + provider + (keyId == null ? "" : ".keys." + keyId) + ".api-key";
            String message = "The gateway has no key for " + provider + " (" + setting + ").";
            return new Admission.Refused(403, "provider_key_missing", message, admitted.attribution());
        }
        if (operation != null && shared.outbox.refuses()) {
            String message = "The gateway cannot keep more usage events now (gateway.outbox.when-full: refuse).";
            return new Admission.Refused(503, "outbox_full", message, null);
        }
        return admission;
    }

    /** A tenant's own batches are nothing of anybody else's. */
    private Access.Reach reach(HttpServerRequest in, Route route, Operation operation, Admission.Admitted admitted) {
        Access access = route.access(in.method().name(), operation);
        boolean own = access.id() != null
                && shared.exchange
                        .batches()
                        .isOf(admitted.attribution().tenant(), route.provider().name(), access.id());
        return own ? Access.Reach.NOTHING : access.reach();
    }

    private void start(HttpServerRequest in, Call call) {
        in.pause();
        new Exchange(shared.exchange, loop, in, call).start();
    }

    private void turnAway(HttpServerRequest in, Admission.Refused refused, Call call) {
        if (refused.attribution() == null || !call.metered()) {
            refuse(in, call.dialect(), call.provider().name(), refused);
            return;
        }
        Ending ending = Ending.withoutAnswer(Outcome.blocked, false, null).told(refused.status(), refused.code());
        Reservation nothing = Reservation.none(refused.attribution().tenant());
        Future<Void> safe = shared.exchange.meter().meter(call, ending, nothing, loop.outbox());
        assert safe != null; // a refusal bills nothing, so nobody waits for it
        reply(in, call.dialect(), call.provider().name(), refused);
    }

    private void refuse(HttpServerRequest in, Dialect dialect, String provider, Admission.Refused refused) {
        shared.report.refused(in, provider, refused);
        reply(in, dialect, provider, refused);
    }

    private void reply(HttpServerRequest in, Dialect dialect, String provider, Admission.Refused refused) {
        shared.exchange.metrics().refused(provider, refused.code());
        Replies.error(in.response(), dialect, refused.status(), refused.code(), refused.message());
    }
}
