package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.attribution.Admission;
import dev.tokenmeter.gateway.observe.AccessEntry;
import dev.tokenmeter.gateway.observe.AccessLog;
import dev.tokenmeter.gateway.observe.Trail;
import dev.tokenmeter.schemas.UsageEvent;
import io.vertx.core.http.HttpServerRequest;
import java.time.Clock;

/** Tells the access log, and the trace, how calls ended. Thread-safe. */
final class CallReport {
    private final AccessLog log;
    private final Clock clock;

    CallReport(AccessLog log, Clock clock) {
        this.log = log;
        this.clock = clock;
    }

    /** @param event null for a call that is not metered, or could not be */
    void ended(Call call, Ending ending, UsageEvent event) {
        call.trail().span().end(event);
        log.write(() -> new AccessEntry(
                clock.instant(),
                call.trail(),
                "/" + call.provider().name() + call.route().path(),
                call.provider().name(),
                ending.toldStatus() == null ? ending.httpStatus() : ending.toldStatus(),
                ending.errorCode(),
                call.clock().latencyMs(),
                event));
    }

    /** A request that went no further than the door, and of which there is no event. */
    void refused(HttpServerRequest in, String provider, Admission.Refused refused) {
        log.write(() -> new AccessEntry(
                clock.instant(),
                Trail.of(in),
                String.valueOf(in.path()),
                provider,
                refused.status(),
                refused.code(),
                null,
                null));
    }
}
