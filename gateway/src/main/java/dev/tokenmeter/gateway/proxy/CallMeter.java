package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.cap.Caps;
import dev.tokenmeter.gateway.cap.Reservation;
import dev.tokenmeter.gateway.dialect.BatchLine;
import dev.tokenmeter.gateway.estimate.Estimator;
import dev.tokenmeter.gateway.estimate.Recording;
import dev.tokenmeter.gateway.outbox.OutboxLane;
import dev.tokenmeter.pricing.Pricer;
import dev.tokenmeter.schemas.Batch;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a call's end into an event that is priced, counted and safe in the outbox. Safe for use by several event loops. */
final class CallMeter {
    private static final Logger LOG = LoggerFactory.getLogger(CallMeter.class);

    private final Estimator estimator;
    private final EventAssembler events;
    private final Pricer pricer;
    private final Caps caps;
    private final GatewayMetrics metrics;
    private final CallReport report;

    CallMeter(
            Estimator estimator,
            EventAssembler events,
            Pricer pricer,
            Caps caps,
            GatewayMetrics metrics,
            CallReport report) {
        this.estimator = estimator;
        this.events = events;
        this.pricer = pricer;
        this.caps = caps;
        this.metrics = metrics;
        this.report = report;
    }

    /**
     * Estimates what the provider did not say of a call's usage; to be called once for each call that went out, or might
     * have. What was recorded of the answer is forgotten.
     *
     * @param request of what was sent
     * @return completes on the context, or at once; it never fails
     */
    Future<Ending> complete(Call call, Ending ending, Recording request, Context context) {
        if (!call.metered()) {
            return Future.succeededFuture(ending);
        } else if (ending.reading().runsOn()) {
            ending.forget();
            return Future.succeededFuture(ending);
        }
        if (ending.outcome() != Outcome.completed) {
            call.clock().pause(); // nobody waits for the estimate
        }
        return estimator
                .complete(ending.of(call.operation()), request, ending.recording(), context)
                .map(reading -> {
                    ending.forget();
                    return ending.with(reading);
                });
    }

    /**
     * Meters a call; to be called once for each. One that runs on in the background is metered when its end is known.
     *
     * @param reservation what was set aside for it; ends here, but for a call that runs on
     * @param outbox of the call's event loop
     * @return completes on the event loop when the event is safe, or known to be lost: it never fails, for metering must
     *     not break traffic
     */
    Future<Void> meter(Call call, Ending ending, Reservation reservation, OutboxLane outbox) {
        if (!call.metered() || ending.reading().runsOn()) {
            metrics.unmetered(call.provider().name(), ending.httpStatus());
            report.ended(call, ending, null);
            return Future.succeededFuture();
        }
        try {
            UsageEvent event = price(events.assemble(call, ending));
            caps.settle(reservation, event);
            metrics.metered(event, call.route().baseUrl());
            report.ended(call, ending, event);
            return outbox.append(event);
        } catch (RuntimeException e) {
            LOG.error("a call to {} could not be metered", call.provider().name(), e);
            metrics.unmeterable();
            report.ended(call, ending, null);
            caps.abandon(reservation);
            return Future.succeededFuture();
        }
    }

    /**
     * Meters one call of a batch. No cap is settled by it: the same output may be fetched again, and what counts once
     * there must count once here, so budgets hear of it from the aggregator.
     *
     * @return as of {@link #meter(Call, Ending, Reservation, OutboxLane)}
     */
    Future<Void> meter(Call fetch, Batch batch, BatchLine line, OutboxLane outbox) {
        try {
            UsageEvent event = price(events.assemble(fetch, batch, line));
            metrics.batched(event.getProvider());
            return outbox.append(event);
        } catch (RuntimeException e) {
            LOG.error(
                    "a call of a batch at {} could not be metered",
                    fetch.provider().name(),
                    e);
            metrics.unmeterable();
            return Future.succeededFuture();
        }
    }

    private UsageEvent price(UsageEvent event) {
        if (event.getOutcome() == Outcome.blocked) {
            // Nothing went out, so its cost is known, whatever the model: a refusal must not pass for unpriced spend.
            return UsageEvent.newBuilder(event).setCostUsd(Money.ZERO).build();
        }
        try {
            return pricer.priceFresh(event);
        } catch (RuntimeException e) {
            LOG.error("an event of {} {} could not be priced", event.getProvider(), event.getModel(), e);
            return event;
        }
    }
}
