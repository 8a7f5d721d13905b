package dev.tokenmeter.gateway;

import dev.tokenmeter.gateway.outbox.EventSink;
import dev.tokenmeter.schemas.UsageEvent;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands for Kafka; can be away. */
public final class RecordingSink implements EventSink {
    private final List<UsageEvent> events = new CopyOnWriteArrayList<>();
    private volatile boolean away;

    @Override
    public CompletionStage<Void> publish(UsageEvent event) {
        if (away) {
            return CompletableFuture.failedFuture(new IllegalStateException("away"));
        }
        events.add(event);
        return CompletableFuture.completedFuture(null);
    }

    public void setAway(boolean away) {
        this.away = away;
    }

    public List<UsageEvent> events() {
        return events;
    }
}
