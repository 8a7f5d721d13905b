package dev.tokenmeter.gateway.proxy;

import com.fasterxml.jackson.core.JsonFactory;
import dev.tokenmeter.gateway.attribution.Attribution;
import dev.tokenmeter.gateway.attribution.Authenticator;
import dev.tokenmeter.gateway.batch.Batches;
import dev.tokenmeter.gateway.cap.Caps;
import dev.tokenmeter.gateway.cap.Reservation;
import dev.tokenmeter.gateway.cap.Verdict;
import dev.tokenmeter.gateway.dialect.RequestReader;
import dev.tokenmeter.gateway.dialect.UsageReader;
import dev.tokenmeter.gateway.estimate.Estimator;
import dev.tokenmeter.gateway.estimate.Recording;
import dev.tokenmeter.gateway.limit.RateLimits;
import dev.tokenmeter.gateway.observe.Tracing;
import dev.tokenmeter.gateway.upstream.RetryConfig;
import dev.tokenmeter.schemas.Outcome;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one call: its body is held where it must be, its budgets are asked, and one {@link Attempt} after another
 * is made to have it answered, as its {@link Course} allows. The attempt that ends it is metered exactly once, however it
 * ends; one before it, only if the provider may bill it. For the event loop of the client's connection.
 */
final class Exchange implements Attempt.Owner {
    /** What exchanges share. */
    record Shared(
            ProxyConfig config,
            RequestBody.Shared bodies,
            Authenticator authenticator,
            JsonFactory json,
            UsageReader.Factory readers,
            Target.Table targets,
            Caps caps,
            RateLimits rateLimits,
            Estimator estimator,
            HangUps hangUps,
            CallMeter meter,
            Batches batches,
            Background background,
            GatewayMetrics metrics,
            Tracing tracing) {}

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    static final int REQUEST_TIMEOUT = 408;
    static final String SLOW =
            "The request's body did not come in time (gateway.request-idle-timeout, request-timeout).";

    private final Shared shared;
    private final Loop loop;
    private final HttpServerRequest in;
    private final HttpServerResponse out;
    private final Call call;
    private final Watchdog watchdog;
    private final Recording recording;
    private final RequestBody body;
    private final KeyGate gate;
    private final BudgetGate budgets;
    private Course course;
    private Attempt attempt;
    private boolean over;

    Exchange(Shared shared, Loop loop, HttpServerRequest in, Call call) {
        this.shared = shared;
        this.loop = loop;
        this.in = in;
        this.out = in.response();
        this.call = call;
        this.watchdog = loop.watchdogs().create();
        boolean modelOnly = !shared.authenticator.readsBodies();
        int maxBytes = shared.config.maxRequestBodyBytes();
        RequestReader fields = call.metered()
                ? RequestReader.create(shared.json, in.getHeader("content-type"), call.operation(), modelOnly, maxBytes)
                        .orElse(null)
                : null;
        this.recording = shared.estimator.ofRequest(call.operation());
        this.body = new RequestBody(shared.bodies, in, call, fields, recording, watchdog::sign);
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
        watchdog.limit(call.clock().started() + shared.config.requestTimeout().toNanos());
        watchdog.watch(shared.config.requestIdleTimeout(), this::slowUpload);
        Future<Void> ready = mustHold() ? body.hold() : Future.succeededFuture();
        ready.onSuccess(held -> guarded(this::judge)).onFailure(this::refuseTooLong);
    }

    /** What a step throws is a fault of ours. It is not logged whole: its message may hold a caller's words, or a key. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            StackTraceElement[] trace = e.getStackTrace();
            String at = trace.length == 0 ? "?" : trace[0].toString();
            LOG.error(
                    "a call to {} failed: {} at {}",
                    call.provider().name(),
                    e.getClass().getName(),
                    at);
            boolean sent = attempt != null && attempt.isSent();
            if (attempt != null) {
                attempt.giveUp();
            }
            out.headers().clear();
            String message = "The gateway failed at this call; its log says where.";
            fail(sent ? Outcome.upstream_error : Outcome.blocked, 500, "gateway_error", message);
        }
    }

    private boolean mustHold() {
        if (!call.metered()) {
            return false;
        }
        boolean mayGoAgain = call.provider().retry().needsBodies() && body.canBeHeld();
        return mayGoAgain || call.mustAskForUsage() || gate.readsRequest() || budgets.readsRequest();
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
            setOut();
            return;
        }
        call.clock().work();
        Optional<Verdict.Refused> tooDear = budgets.judge(body);
        call.clock().pause();
        if (tooDear.isPresent()) {
            refuse(tooDear.get().status(), tooDear.get().code(), tooDear.get().message());
        } else {
            setOut();
        }
    }

    private void refuse(int status, String code, String message) {
        shared.metrics.refused(call.provider().name(), code);
        fail(Outcome.blocked, status, code, message);
    }

    private void refuseTooLong(Throwable why) {
        if (why instanceof RequestBody.NoRoomException) {
            String message = "The gateway holds as much of requests as it may (gateway.max-held-bytes); try again.";
            refuse(503, "request_memory_full", message);
            return;
        }
        fail(
                Outcome.blocked,
                413,
                "request_too_large",
                "The gateway takes requests of up to " + shared.config.maxRequestBodyBytes()
                        + " bytes here (gateway.max-request-body-bytes).");
    }

    private void slowUpload() {
        fail(Outcome.blocked, REQUEST_TIMEOUT, "request_timeout", SLOW);
    }

    private void setOut() {
        RetryConfig retry = call.provider().retry();
        course = new Course(retry, shared.targets.tiers(call, body.isEditable()), ThreadLocalRandom.current());
        attempt();
    }

    private void attempt() {
        Optional<Target> next = course.next();
        if (next.isEmpty()) {
            refuseUnavailable();
            return;
        }
        Target target = next.get();
        Call attempted = call.to(target, course.made());
        String asked = budgets.model(call.requestedModel(body.fields()));
        boolean elsewhere = target.provider() != call.provider();
        String model =
                elsewhere && asked != null ? target.provider().fallbackModels().get(asked) : null;
        if (model != null) {
            attempted = attempted.withModel(asked, model);
        }
        boolean keeps = call.provider().retry().needsBodies();
        RequestBody.Sending sending = new RequestBody.Sending(attempted.mustAskForUsage(), model, keeps);
        HttpClient client = loop.clients().get(target.upstream());
        BatchWatch batch =
                BatchWatch.of(shared, loop.outbox(), attempted, in.method().name());
        attempt = new Attempt(shared, client, target.upstream(), in, attempted, batch, body, sending, watchdog, this);
        attempt.start();
    }

    private void refuseUnavailable() {
        String provider = call.provider().name();
        out.putHeader("retry-after", Integer.toString(course.secondsToTrial()));
        String message = provider + " has failed too often just now, so it is left alone for a while (providers."
                + provider + ".circuit-breaker).";
        refuse(503, "upstream_unavailable", message);
    }

    @Override
    public void answered() {
        guarded(this::relayOrTryAgain);
    }

    private void relayOrTryAgain() {
        Setback setback = attempt.setback();
        if (setback != null && tryAgain(setback, Outcome.upstream_error)) {
            return;
        }
        body.release();
        call.clock().work();
        gate.mark(out);
        budgets.mark(out);
        attempt.relay(out);
        call.clock().pause();
    }

    @Override
    public void unanswered(Attempt.Failure failure) {
        if (!tryAgain(failure.setback(), failure.outcome())) {
            if (failure.outcome() == Outcome.blocked) {
                shared.metrics.refused(attempt.call().provider().name(), failure.code());
            }
            fail(failure.outcome(), failure.status(), failure.code(), failure.message());
        }
    }

    private boolean tryAgain(Setback setback, Outcome outcome) {
        OptionalLong wait = course.waitAfter(setback, body.isSendable());
        if (wait.isEmpty()) {
            return false;
        }
        Attempt lost = attempt;
        attempt = null;
        shared.metrics.retried(lost.call().provider().name(), setback.reason());
        if (call.metered() && RetryConfig.mayBeBilled(setback.reason())) {
            // its reservation stays: it is for the attempt that ends the call
            Reservation nothing = Reservation.none(call.attribution().tenant());
            Ending ending = lost.lost(outcome);
            record(lost.call(), ending, nothing);
        } else {
            lost.call().trail().span().end(null);
        }
        lost.discard(loop.context().owner());
        if (wait.getAsLong() == 0) {
            attempt();
        } else {
            watchdog.watch(Duration.ofMillis(wait.getAsLong()).plusMinutes(1), this::tooLate);
            loop.context().owner().setTimer(wait.getAsLong(), id -> attemptIfWanted());
        }
        return true;
    }

    private void attemptIfWanted() {
        if (!over) {
            attempt();
        }
    }

    private void tooLate() {
        fail(Outcome.timeout, 504, "upstream_timeout", call.provider().name() + " did not answer in time.");
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
            meter(current(), Ending.withoutAnswer(Outcome.client_aborted, false, call.requestedModel(body.fields())));
        }
    }

    /** Ends a call to which no answer has come. */
    private void fail(Outcome outcome, int status, String code, String message) {
        if (over) {
            return;
        }
        end();
        call.clock().work();
        if (status == REQUEST_TIMEOUT && in.version() != HttpVersion.HTTP_2) {
            out.putHeader("connection", "close")
                    .endHandler(sent -> in.connection().close());
        }
        boolean sent = attempt != null && attempt.isSent();
        Ending ending = Ending.withoutAnswer(outcome, sent, call.requestedModel(body.fields()));
        meter(current(), ending.told(status, code))
                .onComplete(safe -> Replies.error(out, call.dialect(), status, code, message));
    }

    /** The attempt under way, or else the one that was to be next. */
    private Call current() {
        if (attempt != null) {
            return attempt.call();
        }
        return course == null ? call : call.numbered(course.made() + 1);
    }

    @Override
    public Future<Void> meter(Call attempted, Ending ending) {
        return shared.meter
                .complete(attempted, ending, recording, loop.context())
                .compose(known -> record(attempted, known))
                .onComplete(safe -> {
                    recording.forget();
                    shared.metrics.ended(call.clock());
                });
    }

    private Future<Void> record(Call attempted, Ending ending) {
        gate.settle(ending);
        return record(attempted, ending, budgets.reservation());
    }

    private Future<Void> record(Call attempted, Ending ending, Reservation reservation) {
        Attribution attribution = budgets.attribution(body);
        boolean served = call.metered() && ending.isServed(call.operation());
        boolean stranger = !call.virtual() && shared.authenticator.isStranger(attribution, served);
        Call charged =
                attempted.chargedTo(call.virtual() ? attribution : shared.authenticator.recorded(attribution, served));
        Ending whole = budgets.ended(stranger ? ending.ofStranger() : ending);
        boolean runsOn = shared.background.runsOn(charged, whole, reservation);
        Reservation its = runsOn ? Reservation.none(charged.attribution().tenant()) : reservation;
        return shared.meter.meter(charged, whole, its, loop.outbox());
    }

    /** Nothing more will happen; what the client still sends of its request is thrown away. */
    private void end() {
        over = true;
        body.close();
        watchdog.stop();
        if (!in.isEnded()) {
            Leftover.discard(in, loop.context().owner(), shared.config.requestIdleTimeout());
        }
    }
}
