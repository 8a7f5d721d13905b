package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.dialect.AnswerShape;
import dev.tokenmeter.gateway.dialect.UsageReader;
import dev.tokenmeter.gateway.dialect.UsageReading;
import dev.tokenmeter.gateway.estimate.ListeningReader;
import dev.tokenmeter.gateway.estimate.Recording;
import dev.tokenmeter.gateway.observe.CallSpan;
import dev.tokenmeter.gateway.upstream.Upstream;
import dev.tokenmeter.gateway.upstream.UpstreamConfig;
import dev.tokenmeter.schemas.Outcome;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One try to have a call answered: connects, sends the request, takes the answer's head, and once told to {@link #relay}
 * carries the answer to the client. For the event loop of the client's connection.
 */
final class Attempt {
    /** The call that this is an attempt of. */
    interface Owner {
        /** The head of an answer is here; the client has seen nothing of it yet. */
        void answered();

        /** No answer came, and none will. */
        void unanswered(Failure failure);

        /** The provider will send nothing more of an answer that is being relayed; it is metered after this. */
        void ended();

        /** The client takes nothing of the answer. */
        void clientStalled();

        /**
         * Meters the attempt; called at most once.
         *
         * @param attempted the call as it went out
         */
        Future<Void> meter(Call attempted, Ending ending);
    }

    /**
     * Why no answer came.
     *
     * @param setback whether another attempt would help
     * @param outcome in a word
     * @param status HTTP status to tell it with
     * @param code a stable word for machines
     * @param message for people
     */
    record Failure(Setback setback, Outcome outcome, int status, String code, String message) {}

    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);
    private static final long HTTP2_CANCEL = 8;
    private static final long HTTP2_REFUSED_STREAM = 7;
    private static final int FIRST_ERROR = 400;
    /** Answers of somebody who cannot serve anybody at the moment. */
    private static final Set<Integer> UNAVAILABLE = Set.of(502, 503, 504, 529);
    /** Enough for the rest of an error that nobody wants to read. */
    private static final long DISCARD_MS = 2000;
    /** The client library keeps the connect timeout; this is for the case that it fails to. */
    private static final Duration CONNECT_GRACE = Duration.ofSeconds(30);

    private final Exchange.Shared shared;
    private final HttpClient client;
    private final Upstream upstream;
    private final HttpServerRequest in;
    private final Call call;
    private final BatchWatch batch;
    private final RequestBody body;
    private final RequestBody.Sending sending;
    private final Watchdog watchdog;
    private final Owner owner;
    private HttpClientRequest request;
    private HttpClientResponse answer;
    private UsageReader reader;
    private Recording recording;
    private AnswerPump pump;
    private boolean draining;
    private boolean over;

    /**
     * @param client to the upstream, of this event loop
     * @param call as it goes there
     * @param batch watches; null for a call that has to do with no batch
     * @param watchdog the call's, to be set while this attempt is under way
     */
    Attempt(
            Exchange.Shared shared,
            HttpClient client,
            Upstream upstream,
            HttpServerRequest in,
            Call call,
            BatchWatch batch,
            RequestBody body,
            RequestBody.Sending sending,
            Watchdog watchdog,
            Owner owner) {
        this.shared = shared;
        this.client = client;
        this.upstream = upstream;
        this.in = in;
        this.call = call.metered() ? call.in(span(shared, in, call)) : call;
        this.batch = batch;
        this.body = body;
        this.sending = sending;
        this.watchdog = watchdog;
        this.owner = owner;
    }

    private static CallSpan span(Exchange.Shared shared, HttpServerRequest in, Call call) {
        return shared.tracing()
                .start(
                        in.headers(),
                        call.provider().name(),
                        call.operation().label(),
                        call.route().baseUrl());
    }

    /** Connects and sends. An address that cannot be written must not take a connection, which would wait for it for ever. */
    void start() {
        String uri = call.route().uri();
        if (!RequestTarget.isClean(uri)) {
            refuseUnwritable();
            return;
        }
        call.clock().work();
        UpstreamConfig address = upstream.config();
        Duration connectTimeout = call.provider().connections().connectTimeout();
        RequestOptions options = new RequestOptions()
                .setMethod(in.method())
                .setHost(address.baseUrl().getHost())
                .setPort(address.port())
                .setSsl(address.isTls())
                .setURI(uri)
                .setFollowRedirects(false)
                .setConnectTimeout(connectTimeout.toMillis());
        watchdog.watch(connectTimeout.plus(CONNECT_GRACE), this::timeout);
        if (body.hasArrived()) {
            limit();
        }
        upstream.startedWaiting();
        Future<HttpClientRequest> connecting = client.request(options);
        call.clock().pause();
        connecting.onSuccess(this::send).onFailure(this::unconnected);
    }

    private void limit() {
        Duration total = call.provider().totalTimeout();
        if (total == null) {
            watchdog.unlimit();
        } else {
            watchdog.limit(call.clock().started() + total.toNanos());
        }
    }

    private void send(HttpClientRequest connected) {
        upstream.stoppedWaiting();
        if (over) {
            connected.reset(HTTP2_CANCEL);
            return;
        }
        call.clock().work();
        request = connected;
        try {
            write();
        } catch (RuntimeException e) {
            unwritable(e);
        }
        call.clock().pause();
    }

    private void write() {
        Headers.copyRequest(in.headers(), request.headers(), call, shared.authenticator()::isForGateway);
        if (batch != null) {
            batch.prepare(request.headers());
        }
        request.exceptionHandler(
                failure -> LOG.debug("request to {} failed", call.provider().name(), failure));
        request.response().onSuccess(this::answer).onFailure(this::unreachable);
        if (!body.hasArrived()) {
            watchdog.watch(shared.config().requestIdleTimeout(), this::uploadStalled);
        }
        body.sendTo(request, sending, this::sent, this::unwritable);
    }

    /**
     * The client library took offence at something in the request. What it says of that may hold a secret, so it is not logged.
     */
    private void unwritable(RuntimeException failure) {
        if (over) {
            return;
        }
        String provider = call.provider().name();
        LOG.error(
                "a request to {} cannot be written: {} at {}",
                provider,
                failure.getClass().getName(),
                failure.getStackTrace().length == 0 ? "?" : failure.getStackTrace()[0]);
        over = true; // before the reset, which reports itself as a failure of the provider
        request.reset(HTTP2_CANCEL);
        refuseUnwritable();
    }

    private void refuseUnwritable() {
        over = true;
        String provider = call.provider().name();
        String message = "The gateway cannot write this request to " + provider + " as it is.";
        owner.unanswered(new Failure(Setback.FINAL, Outcome.blocked, 400, "request_not_writable", message));
    }

    /** All of the request is on its way: it is the provider's turn, unless it has begun to answer before. */
    private void sent() {
        if (over) {
            return;
        }
        limit();
        if (answer == null) {
            watchdog.watch(call.provider().firstByteTimeout(), this::timeout);
        }
    }

    private void uploadStalled() {
        if (over) {
            return;
        }
        if (body.isWaitingForProvider()) {
            watchdog.watch(call.provider().idleTimeout(), this::timeout);
            return;
        }
        stop();
        owner.unanswered(new Failure(
                Setback.FINAL, Outcome.client_aborted, Exchange.REQUEST_TIMEOUT, "request_timeout", Exchange.SLOW));
    }

    private void unconnected(Throwable failure) {
        upstream.stoppedWaiting();
        if (failure instanceof ConnectionPoolTooBusyException) {
            refuseBusy();
        } else {
            unreachable(failure);
        }
    }

    /** Nothing went out: what waits is bounded, and the bound is reached. */
    private void refuseBusy() {
        if (!over) {
            stop();
            String provider = call.provider().name();
            String message = "Too many calls wait for a connection to " + provider + " (providers." + provider
                    + ".max-connections, max-waiting).";
            owner.unanswered(new Failure(Setback.BUSY, Outcome.blocked, 503, "upstream_busy", message));
        }
    }

    private void unreachable(Throwable failure) {
        if (over) {
            return;
        }
        stop();
        Setback setback = setback(failure);
        if (setback != Setback.REFUSED) {
            upstream.breaker().failed();
        }
        boolean late =
                failure instanceof TimeoutException || failure instanceof io.netty.channel.ConnectTimeoutException;
        String provider = call.provider().name();
        LOG.warn("no answer from {}: {}", upstream, failure.toString());
        unanswered(
                late
                        ? new Failure(
                                setback,
                                Outcome.timeout,
                                504,
                                "upstream_timeout",
                                "No connection to " + provider + " in time.")
                        : new Failure(
                                setback,
                                Outcome.upstream_error,
                                502,
                                "upstream_unreachable",
                                "The connection to " + provider + " failed before it answered."));
    }

    private Setback setback(Throwable failure) {
        if (request == null) {
            return Setback.CONNECT;
        }
        boolean refused = failure instanceof StreamResetException reset && reset.getCode() == HTTP2_REFUSED_STREAM;
        return refused ? Setback.REFUSED : Setback.FINAL;
    }

    private void timeout() {
        if (over) {
            return;
        }
        if (pump != null && pump.isWaitingForClient()) {
            owner.clientStalled();
            return;
        }
        over = true; // before the reset, which reports itself as a failure of the provider
        if (request != null) {
            request.reset(HTTP2_CANCEL);
        }
        if (pump == null) {
            upstream.breaker().failed();
            String message = call.provider().name() + " did not answer in time.";
            unanswered(new Failure(Setback.TIMEOUT, Outcome.timeout, 504, "upstream_timeout", message));
        } else {
            owner.ended();
            pump.breakOff(Outcome.timeout);
        }
    }

    private void unanswered(Failure failure) {
        if (draining) {
            owner.ended();
            meterWithoutAnswer();
        } else {
            owner.unanswered(failure);
        }
    }

    private void answer(HttpClientResponse response) {
        if (over) {
            return;
        }
        if (UNAVAILABLE.contains(response.statusCode())) {
            upstream.breaker().failed();
        } else {
            upstream.breaker().succeeded();
        }
        answer = response;
        if (draining) {
            watchAnswer(null);
        } else {
            owner.answered();
        }
    }

    /** The call as it went out. */
    Call call() {
        return call;
    }

    /** What the answer says against the attempt; null when nothing. */
    Setback setback() {
        return answer.statusCode() < FIRST_ERROR ? null : Setback.answer(answer.statusCode(), answer.headers());
    }

    /** How the attempt ended, if its answer is not relayed. */
    Ending lost(Outcome outcome) {
        return answer == null
                ? Ending.withoutAnswer(outcome, isSent(), call.requestedModel(body.fields()))
                : ending(outcome, UsageReading.NOTHING);
    }

    /** Carries the answer to the client. */
    void relay(HttpServerResponse out) {
        AnswerHead.copy(answer, out, body.askedForUsage());
        watchAnswer(out);
    }

    private void watchAnswer(HttpServerResponse out) {
        if (call.metered()) {
            AnswerShape shape = call.dialect().answer(call.operation());
            String type = answer.getHeader("content-type");
            String encoding = AnswerHead.encoding(answer);
            reader = shared.readers().create(shape, type, encoding, body.askedForUsage());
            if (reader.reads()) {
                recording = shared.estimator().ofAnswer(call.operation());
                reader = new ListeningReader(reader, recording);
            }
        } else if (batch != null) {
            reader = batch.reader(answer.statusCode(), answer.getHeader("content-type"));
        }
        watchdog.watch(call.provider().idleTimeout(), this::timeout);
        pump = new AnswerPump(answer, out, reader, call.clock(), this::meter, watchdog::sign);
        if (batch != null) {
            pump.waitFor(batch::room);
        }
        pump.start(this::ended, this::broken);
    }

    /** Throws the answer away, for another attempt to be made; the connection can be used again if it comes soon. */
    void discard(Vertx vertx) {
        over = true;
        if (answer != null) {
            long timer = vertx.setTimer(DISCARD_MS, late -> request.reset(HTTP2_CANCEL));
            answer.exceptionHandler(failure -> vertx.cancelTimer(timer));
            answer.endHandler(end -> vertx.cancelTimer(timer));
            answer.handler(ignored -> {});
        }
    }

    private void ended() {
        stop();
        owner.ended();
    }

    private void broken() {
        if (!over) {
            ended();
            pump.breakOff(Outcome.upstream_error);
        }
    }

    /** Goes on without a client, or cancels the request and meters what was seen. */
    void abandon() {
        if (mayDrain()) {
            draining = true;
            watchdog.watch(
                    pump == null
                            ? call.provider().firstByteTimeout()
                            : call.provider().idleTimeout(),
                    this::timeout);
            if (pump != null) {
                pump.drain();
            }
        } else {
            cancel();
        }
    }

    private boolean mayDrain() {
        boolean worthwhile = call.metered() && request != null && in.isEnded() && (pump == null || pump.isMeterable());
        Context context = Vertx.currentContext();
        return worthwhile
                && shared.hangUps().drain(this, call.provider().name(), () -> context.runOnContext(now -> timeout()));
    }

    /** Nobody wants an answer any more; nothing is metered by this. */
    void giveUp() {
        over = true;
        if (request != null) {
            request.reset(HTTP2_CANCEL);
        }
    }

    private void cancel() {
        giveUp();
        if (pump != null) {
            pump.breakOff(Outcome.client_aborted);
        } else {
            meterWithoutAnswer();
        }
    }

    private void meterWithoutAnswer() {
        shared.hangUps().drained(this);
        owner.meter(call, Ending.withoutAnswer(Outcome.client_aborted, isSent(), call.requestedModel(body.fields())));
    }

    /** Whether the request went out, at least in part. */
    boolean isSent() {
        return request != null;
    }

    private Future<Void> meter(Outcome outcome) {
        shared.hangUps().drained(this);
        boolean well = outcome == Outcome.completed;
        UsageReading reading = reader == null
                ? UsageReading.NOTHING
                : AnswerUsage.of(call, answer, body.fields(), reader.reading(well));
        if (reader != null && reader.unreadable()) {
            shared.metrics().unreadable();
        }
        Ending told = ending(outcome, reading);
        Ending ending = draining ? told.with(Outcome.client_aborted) : told;
        return batch == null ? owner.meter(call, ending) : batch.ended().transform(safe -> owner.meter(call, ending));
    }

    private Ending ending(Outcome outcome, UsageReading reading) {
        boolean refused = answer.statusCode() >= FIRST_ERROR || reading.error();
        return new Ending(
                outcome == Outcome.completed && refused ? Outcome.upstream_error : outcome,
                true,
                answer.statusCode(),
                answer.getHeader(call.dialect().requestIdHeader()),
                AnswerHead.isStream(answer),
                call.requestedModel(body.fields()),
                reading,
                recording);
    }

    /**
     * Nothing more will happen. A request that the provider did not get whole must not end well: its connection would be
     * used again, and the provider would take the next caller's request for the rest of this one.
     */
    private void stop() {
        over = true;
        if (request != null && !in.isEnded()) {
            request.reset(HTTP2_CANCEL);
        }
    }
}
