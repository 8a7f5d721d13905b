package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.attribution.Attribution;
import dev.tokenmeter.gateway.batch.BatchOutputReader;
import dev.tokenmeter.gateway.batch.Batches;
import dev.tokenmeter.gateway.dialect.BackgroundResponse;
import dev.tokenmeter.gateway.dialect.BatchHeadReader;
import dev.tokenmeter.gateway.dialect.BatchLine;
import dev.tokenmeter.gateway.dialect.BatchLines;
import dev.tokenmeter.gateway.dialect.BatchStep;
import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.dialect.UsageReader;
import dev.tokenmeter.gateway.dialect.UsageReading;
import dev.tokenmeter.gateway.outbox.OutboxLane;
import dev.tokenmeter.schemas.Batch;
import dev.tokenmeter.schemas.UsageSource;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;

/**
 * Watches a call that has to do with a batch: who submits it is noted, and its output, when it is fetched, becomes an event
 * for each of its calls; so does a response that ran in the background. Such calls bill nothing themselves. For the event loop of the client's connection.
 */
final class BatchWatch {
    private static final int OK = 200;
    /** Events on their way to the outbox; beyond this the provider waits. */
    private static final int MAX_UNSAFE = 1000;

    private final Exchange.Shared shared;
    private final OutboxLane outbox;
    private final Call call;
    private final BatchStep step;
    private BatchHeadReader heads;
    private UsageReader response;
    private Batch batch;
    private int unsafe;
    private Promise<Void> room;
    private Promise<Void> allSafe;

    private BatchWatch(Exchange.Shared shared, OutboxLane outbox, Call call, BatchStep step) {
        this.shared = shared;
        this.outbox = outbox;
        this.call = call;
        this.step = step;
    }

    /** Null for a call that has to do with no batch. */
    static BatchWatch of(Exchange.Shared shared, OutboxLane outbox, Call call, String method) {
        return call.metered() || call.dialect().batchLines() == null
                ? null
                : call.dialect()
                        .batchStep(method, call.route().path())
                        .map(step -> new BatchWatch(shared, outbox, call, step))
                        .orElse(null);
    }

    private boolean fetches() {
        return step.kind() == BatchStep.Kind.RESULTS || step.kind() == BatchStep.Kind.FILE;
    }

    /** Asks for an answer that can be read: as it is and, if it is output, whole. */
    void prepare(MultiMap request) {
        request.set("accept-encoding", "identity");
        if (fetches()) {
            request.remove("range");
            request.remove("if-range");
        }
    }

    /**
     * Reads the answer; null when there is nothing in it.
     *
     * @param type of its content; null when it does not say
     */
    UsageReader reader(int status, String type) {
        if (status != OK) {
            return null;
        }
        if (step.kind() == BatchStep.Kind.RESPONSE) {
            response = shared.readers().create(call.dialect().answer(Operation.RESPONSES), type, null, false);
            return response;
        }
        BatchLines lines = call.dialect().batchLines();
        if (fetches()) {
            boolean known = step.kind() == BatchStep.Kind.RESULTS
                    || batches().find(provider(), step).isPresent();
            return new BatchOutputReader(lines, shared.config().maxUsageBodyBytes(), !known, this::line);
        }
        heads = new BatchHeadReader(shared.json(), step.id() == null ? null : lines, this::line);
        return heads;
    }

    private Batches batches() {
        return shared.batches();
    }

    private Attribution caller() {
        return call.virtual() ? call.attribution() : shared.authenticator().recorded(call.attribution(), true);
    }

    private String provider() {
        return call.provider().name();
    }

    private void retrieved(UsageReading reading) {
        BackgroundResponse ran = reading.background();
        if (ran == null || !ran.ended()) {
            return;
        }
        if (reading.source() != UsageSource.none) {
            line(new BatchLine(ran.id(), ran.createdAt(), OK, null, Operation.RESPONSES, reading.of(null)));
        }
        shared.background().ended(provider(), ran);
    }

    private void line(BatchLine line) {
        if (batch == null) {
            batch = batches().findOrClaim(provider(), step, caller());
        }
        unsafe++;
        shared.meter().meter(call, batch, line, outbox).onComplete(safe -> {
            unsafe--;
            if (room != null && unsafe < MAX_UNSAFE / 2) {
                Promise<Void> waiting = room;
                room = null;
                waiting.complete();
            }
            if (allSafe != null && unsafe == 0) {
                allSafe.tryComplete();
            }
        });
    }

    /** Completes when more output may be read; null when it may be at once. */
    Future<Void> room() {
        if (unsafe >= MAX_UNSAFE && room == null) {
            room = Promise.promise();
        }
        return room == null ? null : room.future();
    }

    /** The answer has passed, or broken off. Completes when all its events are safe. */
    Future<Void> ended() {
        if (heads != null) {
            heads.heads().forEach(head -> {
                if (step.kind() == BatchStep.Kind.SUBMIT) {
                    batches().submitted(provider(), head, caller());
                } else {
                    batches().told(provider(), head);
                }
            });
        }
        if (response != null) {
            retrieved(response.reading(true));
        }
        if (unsafe == 0) {
            return Future.succeededFuture();
        }
        allSafe = Promise.promise();
        return allSafe.future();
    }
}
