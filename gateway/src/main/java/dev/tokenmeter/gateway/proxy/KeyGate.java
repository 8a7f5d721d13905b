package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.cap.Caps;
import dev.tokenmeter.gateway.dialect.UsageReading;
import dev.tokenmeter.gateway.key.Denial;
import dev.tokenmeter.gateway.limit.Grant;
import dev.tokenmeter.gateway.limit.Level;
import dev.tokenmeter.gateway.limit.LimitHeaders;
import dev.tokenmeter.gateway.limit.Limits;
import dev.tokenmeter.gateway.limit.RateLimits;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageSource;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** What the caller's key says of one call, once its request is here. For one event loop. */
final class KeyGate {
    /**
     * Why the call does not go out.
     *
     * @param status HTTP status of the answer
     * @param code a stable word for machines
     * @param message for people
     */
    record Refusal(int status, String code, String message) {}

    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int FIRST_ERROR = 400;

    private final RateLimits rateLimits;
    private final Caps caps;
    private final Call call;
    private final HttpMethod method;
    private final Limits limits;
    private Grant grant = Grant.UNLIMITED;
    private long reserved;

    /** @param caps know what a request may use */
    KeyGate(RateLimits rateLimits, Caps caps, Call call, HttpMethod method) {
        this.rateLimits = rateLimits;
        this.caps = caps;
        this.call = call;
        this.method = method;
        this.limits = call.policy().limits();
    }

    /** Whether {@link #judge} needs the request's body. */
    boolean readsRequest() {
        return call.policy().restrictsModels() || limits.tokensPerMinute() != null;
    }

    /** Decides on the call. */
    Optional<Refusal> judge(RequestBody body) {
        Optional<Denial> denial = denial(body);
        if (denial.isPresent()) {
            return denial.map(found -> new Refusal(FORBIDDEN, found.code(), found.message()));
        }
        grant = rateLimits.take(limits, call.metered() && limits.tokensPerMinute() != null ? tokens(body) : 0);
        reserved = grant.reservedTokens();
        return grant.isGranted() ? Optional.empty() : Optional.of(tooMany(grant.exhausted()));
    }

    private Optional<Denial> denial(RequestBody body) {
        if (!call.policy().restrictsModels()) {
            return Optional.empty();
        }
        if (call.metered() || call.modelInPath() != null) {
            return call.policy().deniesModel(call.modelInPath(), body::held);
        }
        return submitsBatch() ? call.policy().deniesUnseenModel() : Optional.empty();
    }

    /** A batch bills nothing yet, and its requests with their models are in a file. */
    private boolean submitsBatch() {
        String path = call.route().path();
        return method.equals(HttpMethod.POST) && path.contains("batch") && !path.endsWith("cancel");
    }

    /** At least one, so that no billed call passes a limit that is used up. */
    private long tokens(RequestBody body) {
        byte[] held = body.held();
        return held == null ? 1 : Math.max(1, caps.worstTokens(held, call.operation()));
    }

    private Refusal tooMany(Level exhausted) {
        String what = exhausted.kind() == Level.Kind.REQUESTS ? " requests" : " tokens";
        return new Refusal(
                TOO_MANY_REQUESTS,
                "rate_limit_exceeded",
                "This key may use " + exhausted.limit() + what + " a minute, of which " + exhausted.remaining()
                        + " are left; try again in " + waitSeconds() + " s.");
    }

    private long waitSeconds() {
        return Math.max(1, LimitHeaders.wholeSeconds(grant.retryAfter()));
    }

    /** Says on an answer where the limits stand; in the place of the provider's own, whose limits are not the caller's. */
    void mark(HttpServerResponse out) {
        if (grant.levels().isEmpty()) {
            return;
        }
        Map<String, String> headers = call.dialect().name().equals("anthropic")
                ? LimitHeaders.anthropic(grant.levels(), Instant.now())
                : LimitHeaders.openAi(grant.levels());
        headers.forEach(out::putHeader);
        if (!grant.isGranted()) {
            out.putHeader("retry-after", Long.toString(waitSeconds()));
        }
    }

    /** Takes note of what an attempt used; of several, the first one ends the reservation. */
    void settle(Ending ending) {
        if (limits.tokensPerMinute() == null || !grant.isGranted()) {
            return;
        }
        UsageReading reading = ending.reading();
        long used = Arrays.stream(TokenKind.values()).mapToLong(reading::tokens).sum();
        rateLimits.settle(limits, reserved, mayHaveUsed(ending) ? Math.max(used, reserved) : used);
        reserved = 0;
    }

    /** Whether the provider worked for it and how much is not known: then the reservation stands for it. */
    private static boolean mayHaveUsed(Ending ending) {
        boolean sent = ending.outcome() != Outcome.blocked && ending.outcome() != Outcome.upstream_error;
        boolean well = ending.httpStatus() == null ? sent : ending.httpStatus() < FIRST_ERROR;
        return well && ending.reading().source() == UsageSource.none;
    }
}
