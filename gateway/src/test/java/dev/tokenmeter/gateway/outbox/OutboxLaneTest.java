package dev.tokenmeter.gateway.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.gateway.RecordingSink;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboxLaneTest {
    private static final int EVENTS = 5;

    @TempDir
    Path dir;

    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final RecordingSink sink = new RecordingSink();
    private final List<Integer> writes = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private Outbox open(long maxBytes) {
        OutboxConfig config = new OutboxConfig(
                dir,
                false,
                Duration.ofMillis(20),
                Duration.ofSeconds(10),
                maxBytes,
                1 << 20,
                OutboxConfig.WhenFull.SERVE,
                100,
                Duration.ofMillis(300),
                null,
                0);
        return new Outbox(
                config, () -> sink, Leftovers.UNREAD, new SimpleMeterRegistry(), Clock.systemUTC(), disk -> entries -> {
                    writes.add(entries.size());
                    disk.append(entries);
                });
    }

    @Test
    void eventsOfOneTurnAreWrittenTogetherBeforeAnyOfTheirCallersIsTold() {
        List<Integer> writtenWhenTold = new CopyOnWriteArrayList<>();
        try (Outbox outbox = open(1 << 20)) {
            OutboxLane lane = new OutboxLane(outbox, loop);
            loop.runOnContext(turn -> {
                for (int i = 0; i < EVENTS; i++) {
                    lane.append(OutboxTest.event(UUID.randomUUID()))
                            .onComplete(told -> writtenWhenTold.add(writes.isEmpty() ? 0 : writes.get(0)));
                }
            });
            await().until(() -> writtenWhenTold.size() == EVENTS);
            assertThat(writes).containsExactly(EVENTS);
            assertThat(writtenWhenTold).containsOnly(EVENTS);
            await().until(() -> sink.events().size() == EVENTS);
        }
    }

    @Test
    void aCallThatCannotBeEndedKeepsNoOtherFromItsEnd() {
        AtomicInteger ended = new AtomicInteger();
        try (Outbox outbox = open(1 << 20)) {
            OutboxLane lane = new OutboxLane(outbox, loop);
            loop.runOnContext(turn -> {
                lane.append(OutboxTest.event(UUID.randomUUID())).onComplete(told -> {
                    throw new IllegalStateException("the client is in no state to be told");
                });
                lane.append(OutboxTest.event(UUID.randomUUID())).onComplete(told -> ended.incrementAndGet());
            });
            await().until(() -> ended.get() == 1);
        }
    }

    @Test
    void aFullOutboxLetsAnswersEnd() {
        sink.setAway(true);
        AtomicInteger ended = new AtomicInteger();
        try (Outbox outbox = open(1)) {
            OutboxLane lane = new OutboxLane(outbox, loop);
            loop.runOnContext(turn -> {
                for (int i = 0; i < EVENTS; i++) {
                    lane.append(OutboxTest.event(UUID.randomUUID())).onSuccess(told -> ended.incrementAndGet());
                }
            });
            await().until(() -> ended.get() == EVENTS);
            assertThat(outbox.depth()).isEqualTo(1);
        }
    }
}
