package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.schemas.UsageEvent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop's way into the outbox. The events of one turn of the loop are handed over together and their callers are
 * told together, so that threads are woken once a turn and not twice an event. For that event loop.
 */
public final class OutboxLane {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxLane.class);

    private final Outbox outbox;
    private final Context context;
    private final Journal journal;
    private Turn turn;

    private static final class Turn {
        final List<OutboxWriter.Encoded> kept = new ArrayList<>();
        final List<OutboxWriter.Encoded> events = new ArrayList<>();
        final List<Promise<Void>> callers = new ArrayList<>();
    }

    /** @param context of the event loop */
    public OutboxLane(Outbox outbox, Context context) {
        this.outbox = outbox;
        this.context = context;
        this.journal = outbox.journal();
    }

    /**
     * Keeps an event, which must not be changed from then on.
     *
     * @return completes, on the event loop or at once, when it is safe, or known to be lost, or overdue: see
     *     {@link Outbox#append}. It never fails, for what is lost is counted and keeps no answer from ending
     */
    public Future<Void> append(UsageEvent event) {
        OutboxWriter.Encoded taken = outbox.take(event);
        if (taken == null) {
            return Future.succeededFuture();
        }
        if (turn == null) {
            turn = new Turn();
            context.runOnContext(end -> handOver()); // runs when the loop has seen to what has arrived
        }
        if (journal != null && journal.append(taken.bytes())) {
            turn.kept.add(taken);
            return Future.succeededFuture();
        }
        Promise<Void> caller = Promise.promise();
        turn.events.add(taken);
        turn.callers.add(caller);
        return caller.future();
    }

    private void handOver() {
        Turn over = turn;
        turn = null;
        if (!over.kept.isEmpty()) {
            outbox.writeKept(over.kept, journal, journal.end());
        }
        if (over.events.isEmpty()) {
            return;
        }
        outbox.write(over.events)
                .whenComplete((written, failure) -> context.runOnContext(back -> over.callers.forEach(this::tell)));
    }

    /** One call that cannot be ended must not keep the others from their end. */
    private void tell(Promise<Void> caller) {
        try {
            caller.complete();
        } catch (RuntimeException e) {
            LOG.error("the end of a call that was metered failed", e);
        }
    }
}
