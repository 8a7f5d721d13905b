package dev.tokenmeter.gateway.proxy;

import com.fasterxml.jackson.core.JsonFactory;
import dev.tokenmeter.gateway.attribution.Attribution;
import dev.tokenmeter.gateway.attribution.Authenticator;
import dev.tokenmeter.gateway.cap.Caps;
import dev.tokenmeter.gateway.cap.Reservation;
import dev.tokenmeter.gateway.cap.Verdict;
import dev.tokenmeter.gateway.dialect.AnswerShape;
import dev.tokenmeter.gateway.dialect.RequestFields;
import dev.tokenmeter.gateway.dialect.RequestReader;
import dev.tokenmeter.gateway.dialect.UsageReader;
import dev.tokenmeter.gateway.dialect.UsageReading;
import dev.tokenmeter.schemas.Outcome;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call under way: request out, answer back, and whatever may go wrong in between. It is metered exactly once, however
 * it ends. For the event loop of the client's connection.
 */
final class Exchange {
    /** What exchanges share. */
    record Shared(
            ProxyConfig config,
            Authenticator authenticator,
            JsonFactory json,
            UsageReader.Factory readers,
            Caps caps,
            CallMeter meter,
            GatewayMetrics metrics) {}

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final long HTTP2_CANCEL = 8;

    private final Shared shared;
    private final Context context;
    private final HttpClient client;
    private final HttpServerRequest in;
    private final HttpServerResponse out;
    private final Call call;
    private final Watchdog watchdog;
    private final RequestBody body;
    private HttpClientRequest upstream;
    private HttpClientResponse answer;
    private UsageReader reader;
    private AnswerPump pump;
    private Reservation reservation;
    private String budgetWarning;
    private boolean over;

    Exchange(Shared shared, Context context, HttpClient client, HttpServerRequest in, Call call) {
        this.shared = shared;
        this.context = context;
        this.client = client;
        this.in = in;
        this.out = in.response();
        this.call = call;
        this.watchdog = new Watchdog(context.owner());
        this.reservation = Reservation.none(call.attribution().tenant());
        boolean modelOnly = !shared.authenticator.readsBodies();
        int maxBytes = shared.config.maxRequestBodyBytes();
        RequestReader fields = call.metered() ? RequestReader.create(shared.json, modelOnly, maxBytes) : null;
        this.body = new RequestBody(in, fields, maxBytes, watchdog::sign);
    }

    /** Starts; the request is paused. */
    void start() {
        shared.metrics.started();
        out.closeHandler(closed -> clientGone());
        out.exceptionHandler(failure -> clientGone());
        in.exceptionHandler(failure -> clientGone());
        call.clock().pause();
        boolean asks = call.mustAskForUsage();
        boolean read = asks
                || call.metered()
                        && shared.caps.readsRequests(call.attribution().tenant());
        Future<Void> ready = read ? body.hold(asks) : Future.succeededFuture();
        ready.onSuccess(held -> judge()).onFailure(tooLong -> refuseTooLong());
    }

    private void judge() {
        if (over) {
            return;
        }
        if (!call.metered()) {
            connect();
            return;
        }
        call.clock().work();
        Verdict verdict = shared.caps.judge(new Caps.Asked(
                call.attribution().tenant(), call.virtual(), call.provider().name(), call.operation(), body::held));
        call.clock().pause();
        if (verdict instanceof Verdict.Pass pass) {
            reservation = pass.reservation();
            budgetWarning = pass.warning();
            connect();
        } else if (verdict instanceof Verdict.Refused refused) {
            shared.metrics.refused(call.provider().name(), refused.code());
            fail(Outcome.blocked, refused.status(), refused.code(), refused.message());
        }
    }

    private void refuseTooLong() {
        fail(
                Outcome.blocked,
                413,
                "request_too_large",
                "The gateway takes requests of up to " + shared.config.maxRequestBodyBytes()
                        + " bytes here (gateway.max-request-body-bytes).");
    }

    private void connect() {
        if (over) {
            return;
        }
        call.clock().work();
        Route route = call.route();
        RequestOptions options = new RequestOptions()
                .setMethod(in.method())
                .setHost(route.provider().baseUrl().getHost())
                .setPort(route.port())
                .setSsl(route.isTls())
                .setURI(route.uri())
                .setFollowRedirects(false)
                .setConnectTimeout(route.provider().connectTimeout().toMillis());
        Future<HttpClientRequest> connecting = client.request(options);
        call.clock().pause();
        connecting.onSuccess(this::send).onFailure(this::unreachable);
    }

    private void send(HttpClientRequest request) {
        if (over) {
            request.reset(HTTP2_CANCEL);
            return;
        }
        call.clock().work();
        upstream = request;
        Headers.copyRequest(in.headers(), request.headers(), call, shared.authenticator::isForGateway);
        request.exceptionHandler(
                failure -> LOG.debug("request to {} failed", call.provider().name(), failure));
        request.response().onSuccess(this::answer).onFailure(this::unreachable);
        watchdog.watch(call.provider().firstByteTimeout(), this::timeout);
        body.sendTo(request);
        call.clock().pause();
    }

    private void unreachable(Throwable failure) {
        if (over) {
            return;
        }
        boolean late =
                failure instanceof TimeoutException || failure instanceof io.netty.channel.ConnectTimeoutException;
        LOG.warn("no answer from {}: {}", call.provider().name(), failure.toString());
        if (late) {
            fail(
                    Outcome.timeout,
                    504,
                    "upstream_timeout",
                    "No connection to " + call.provider().name() + " in time.");
        } else {
            fail(
                    Outcome.upstream_error,
                    502,
                    "upstream_unreachable",
                    "The connection to " + call.provider().name() + " failed before it answered.");
        }
    }

    private void timeout() {
        if (over) {
            return;
        }
        if (pump != null && pump.isWaitingForClient()) {
            clientGone();
            out.reset();
            return;
        }
        end(); // before the reset, which reports itself as a failure of the provider
        upstream.reset(HTTP2_CANCEL);
        if (pump == null) {
            fail(Outcome.timeout, 504, "upstream_timeout", call.provider().name() + " did not answer in time.");
        } else {
            pump.breakOff(Outcome.timeout);
        }
    }

    /** Ends a call to which no answer has come. */
    private void fail(Outcome outcome, int status, String code, String message) {
        end();
        call.clock().work();
        meter(Ending.withoutAnswer(outcome, requestedModel())).onComplete(safe -> {
            Replies.error(out, call.dialect(), status, code, message);
        });
    }

    private void answer(HttpClientResponse response) {
        if (over) {
            return;
        }
        call.clock().work();
        answer = response;
        boolean hides = body.askedForUsage();
        String type = response.getHeader("content-type");
        if (call.metered()) {
            AnswerShape shape = call.dialect().answer(call.operation());
            reader = shared.readers.create(shape, type, isEncoded(response), hides);
        }
        out.setStatusCode(response.statusCode());
        if (response.statusMessage() != null) {
            out.setStatusMessage(response.statusMessage());
        }
        Headers.copyAnswer(response.headers(), out.headers());
        if (budgetWarning != null) {
            out.putHeader("x-tokenmeter-budget-warning", budgetWarning);
        }
        if (hides && isStream(type)) {
            out.headers().remove("content-length");
        }
        if (!out.headers().contains("content-length") && mayHaveBody(response.statusCode())) {
            out.setChunked(true);
        }
        watchdog.watch(call.provider().idleTimeout(), this::timeout);
        pump = new AnswerPump(response, out, reader, call.clock(), this::meterAnswer, watchdog::sign);
        pump.start(this::end, this::broken);
        call.clock().pause();
    }

    private boolean mayHaveBody(int status) {
        return status != 204 && status != 304 && status >= 200;
    }

    private static boolean isStream(String contentType) {
        return contentType != null && contentType.startsWith("text/event-stream");
    }

    private static boolean isEncoded(HttpClientResponse response) {
        String encoding = response.getHeader("content-encoding");
        return encoding != null && !encoding.equalsIgnoreCase("identity");
    }

    private void broken() {
        if (!over) {
            end();
            pump.breakOff(Outcome.upstream_error);
        }
    }

    private void clientGone() {
        if (over) {
            return;
        }
        end();
        if (upstream != null) {
            upstream.reset(HTTP2_CANCEL);
        }
        if (pump != null) {
            pump.breakOff(Outcome.client_aborted);
        } else {
            meter(Ending.withoutAnswer(Outcome.client_aborted, requestedModel()));
        }
    }

    private Future<Void> meterAnswer(Outcome outcome) {
        boolean well = outcome == Outcome.completed;
        UsageReading reading = reader == null ? UsageReading.NOTHING : reader.reading(well);
        String tierHeader = call.dialect().serviceTierHeader();
        reading = tierHeader == null ? reading : reading.orServiceTier(answer.getHeader(tierHeader));
        if (reader != null && reader.unreadable()) {
            shared.metrics.unreadable();
        }
        boolean refused = answer.statusCode() >= 400 || reading.error();
        return meter(new Ending(
                well && refused ? Outcome.upstream_error : outcome,
                answer.statusCode(),
                answer.getHeader(call.dialect().requestIdHeader()),
                isStream(answer.getHeader("content-type")),
                requestedModel(),
                reading));
    }

    private String requestedModel() {
        String inPath = call.dialect().requestedModel(call.route().path());
        return inPath == null ? body.fields().model() : inPath;
    }

    private Future<Void> meter(Ending ending) {
        RequestFields fields = body.fields();
        Attribution attribution =
                shared.authenticator.withBody(call.attribution(), fields.metadata(), fields.endUser());
        return shared.meter
                .meter(call.chargedTo(attribution), ending, reservation, context)
                .onComplete(safe -> shared.metrics.ended(call.clock()));
    }

    /**
     * Nothing more will happen; what the client still sends of its request is thrown away. A request that the provider
     * did not get whole must not end well: its connection would be used again, and the provider would take the next
     * caller's request for the rest of this one.
     */
    private void end() {
        over = true;
        watchdog.stop();
        if (!in.isEnded()) {
            in.handler(ignored -> {});
            in.endHandler(ignored -> {});
            in.resume();
            if (upstream != null) {
                upstream.reset(HTTP2_CANCEL);
            }
        }
    }
}
