package dev.tokenmeter.gateway.proxy;

import com.fasterxml.jackson.core.JsonFactory;
import dev.tokenmeter.gateway.attribution.Attribution;
import dev.tokenmeter.gateway.attribution.Authenticator;
import dev.tokenmeter.gateway.batch.Batches;
import dev.tokenmeter.gateway.cap.Caps;
import dev.tokenmeter.gateway.cap.Verdict;
import dev.tokenmeter.gateway.dialect.RequestReader;
import dev.tokenmeter.gateway.dialect.UsageReader;
import dev.tokenmeter.gateway.estimate.Estimator;
import dev.tokenmeter.gateway.estimate.Recording;
import dev.tokenmeter.gateway.limit.RateLimits;
import dev.tokenmeter.gateway.upstream.Upstream;
import dev.tokenmeter.gateway.upstream.Upstreams;
import dev.tokenmeter.schemas.Outcome;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;
import java.util.Optional;

/**
 * The life of one call: its body is held where it must be, its budgets are asked, an {@link Attempt} has it answered. It
 * is metered exactly once, however it ends. For the event loop of the client's connection.
 */
final class Exchange implements Attempt.Owner {
    /** What exchanges share. */
    record Shared(
            ProxyConfig config,
            Authenticator authenticator,
            JsonFactory json,
            UsageReader.Factory readers,
            Upstreams upstreams,
            Caps caps,
            RateLimits rateLimits,
            Estimator estimator,
            HangUps hangUps,
            CallMeter meter,
            Batches batches,
            GatewayMetrics metrics) {}

    private final Shared shared;
    private final Context context;
    private final Map<Upstream, HttpClient> clients;
    private final HttpServerRequest in;
    private final HttpServerResponse out;
    private final Call call;
    private final Watchdog watchdog;
    private final Recording recording;
    private final RequestBody body;
    private final KeyGate gate;
    private final BudgetGate budgets;
    private Attempt attempt;
    private boolean over;

    Exchange(Shared shared, Context context, Map<Upstream, HttpClient> clients, HttpServerRequest in, Call call) {
        this.shared = shared;
        this.context = context;
        this.clients = clients;
        this.in = in;
        this.out = in.response();
        this.call = call;
        this.watchdog = new Watchdog(context.owner());
        boolean modelOnly = !shared.authenticator.readsBodies();
        int maxBytes = shared.config.maxRequestBodyBytes();
        RequestReader fields = call.metered()
                ? RequestReader.create(shared.json, in.getHeader("content-type"), call.operation(), modelOnly, maxBytes)
                        .orElse(null)
                : null;
        this.recording = shared.estimator.ofRequest(call.operation());
        this.body = new RequestBody(in, fields, recording, maxBytes, watchdog::sign);
        this.gate = new KeyGate(shared.rateLimits, shared.caps, call, in.method());
        this.budgets = new BudgetGate(shared.caps, shared.authenticator, call);
    }

    /** Starts; the request is paused. */
    void start() {
        shared.metrics.started();
        out.closeHandler(closed -> clientGone());
        out.exceptionHandler(failure -> clientGone());
        in.exceptionHandler(failure -> clientGone());
        call.clock().pause();
        boolean asks = call.mustAskForUsage();
        boolean read = asks || call.metered() && (gate.readsRequest() || budgets.readsRequest());
        Future<Void> ready = read ? body.hold(asks) : Future.succeededFuture();
        ready.onSuccess(held -> judge()).onFailure(tooLong -> refuseTooLong());
    }

    private void judge() {
        if (over) {
            return;
        }
        Optional<KeyGate.Refusal> refusal = gate.judge(body);
        if (refusal.isPresent()) {
            gate.mark(out);
            refuse(refusal.get().status(), refusal.get().code(), refusal.get().message());
            return;
        }
        if (!call.metered()) {
            attempt();
            return;
        }
        call.clock().work();
        Optional<Verdict.Refused> tooDear = budgets.judge(body);
        call.clock().pause();
        if (tooDear.isPresent()) {
            refuse(tooDear.get().status(), tooDear.get().code(), tooDear.get().message());
        } else {
            attempt();
        }
    }

    private void refuse(int status, String code, String message) {
        shared.metrics.refused(call.provider().name(), code);
        fail(Outcome.blocked, status, code, message);
    }

    private void refuseTooLong() {
        fail(
                Outcome.blocked,
                413,
                "request_too_large",
                "The gateway takes requests of up to " + shared.config.maxRequestBodyBytes()
                        + " bytes here (gateway.max-request-body-bytes).");
    }

    private void attempt() {
        ProviderConfig provider = call.provider();
        Target target = Target.choose(provider, shared.upstreams.of(provider.name()), call);
        if (provider.totalTimeout() != null) {
            watchdog.limit(call.clock().started() + provider.totalTimeout().toNanos());
        }
        Upstream upstream = target.upstream();
        Call sent = call.to(target, 1);
        BatchWatch batch = BatchWatch.of(shared, context, sent, in.method().name());
        attempt = new Attempt(shared, clients.get(upstream), upstream, in, sent, batch, body, watchdog, this);
        attempt.start();
    }

    @Override
    public void answered() {
        call.clock().work();
        gate.mark(out);
        budgets.mark(out);
        attempt.relay(out);
        call.clock().pause();
    }

    @Override
    public void unanswered(Attempt.Failure failure) {
        fail(failure.outcome(), failure.status(), failure.code(), failure.message());
    }

    @Override
    public void ended() {
        end();
    }

    @Override
    public void clientStalled() {
        clientGone();
        out.reset();
    }

    private void clientGone() {
        if (over) {
            return;
        }
        end();
        if (attempt != null) {
            attempt.abandon();
        } else {
            meter(call, Ending.withoutAnswer(Outcome.client_aborted, false, call.requestedModel(body.fields())));
        }
    }

    /** Ends a call to which no answer has come. */
    private void fail(Outcome outcome, int status, String code, String message) {
        end();
        call.clock().work();
        boolean sent = attempt != null && attempt.isSent();
        meter(call, Ending.withoutAnswer(outcome, sent, call.requestedModel(body.fields())))
                .onComplete(safe -> Replies.error(out, call.dialect(), status, code, message));
    }

    @Override
    public Future<Void> meter(Call attempted, Ending ending) {
        return shared.meter
                .complete(attempted, ending, recording, context)
                .compose(known -> record(attempted, known))
                .onComplete(safe -> {
                    recording.forget();
                    shared.metrics.ended(call.clock());
                });
    }

    private Future<Void> record(Call attempted, Ending ending) {
        gate.settle(ending);
        Attribution attribution = budgets.attribution(body);
        if (!call.virtual()) {
            attribution = shared.authenticator.recorded(attribution, ending.httpStatus());
        }
        return shared.meter.meter(
                attempted.chargedTo(attribution), budgets.ended(ending), budgets.reservation(), context);
    }

    /** Nothing more will happen; what the client still sends of its request is thrown away. */
    private void end() {
        over = true;
        watchdog.stop();
        if (!in.isEnded()) {
            in.handler(ignored -> {});
            in.endHandler(ignored -> {});
            in.resume();
        }
    }
}
