package dev.tokenmeter.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchdogsTest {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofHours(1);

    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final Watchdogs watchdogs = new Watchdogs(vertx);
    private final List<String> barks = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private void onLoop(Consumer<Watchdogs> task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.runOnContext(now -> {
            task.accept(watchdogs);
            done.complete(null);
        });
        done.join();
    }

    @Test
    void whoeverMustBarkFirstBarksFirstAndTheOthersWhenTheirTimeComes() {
        onLoop(dogs -> {
            dogs.create().watch(LONG, () -> barks.add("never"));
            dogs.create().watch(Duration.ofMillis(200), () -> barks.add("second"));
            dogs.create().watch(SHORT, () -> barks.add("first"));
        });
        await().until(() -> barks.size() == 2);
        assertThat(barks).containsExactly("first", "second");
    }

    @Test
    void aStoppedOneIsSilentAndDoesNotSilenceTheOthers() {
        onLoop(dogs -> {
            Watchdog stopped = dogs.create();
            stopped.watch(SHORT, () -> barks.add("stopped"));
            dogs.create().watch(Duration.ofMillis(60), () -> barks.add("other"));
            stopped.stop();
        });
        await().until(() -> barks.contains("other"));
        assertThat(barks).containsExactly("other");
    }

    @Test
    void aLimitHoldsWhateverHappens() {
        onLoop(dogs -> {
            Watchdog dog = dogs.create();
            dog.watch(LONG, () -> barks.add("limit"));
            dog.limit(System.nanoTime() + SHORT.toNanos());
            dog.sign();
        });
        await().untilAsserted(() -> assertThat(barks).containsExactly("limit"));
    }

    @Test
    void oneThatHasBarkedCanBeSetAgain() {
        onLoop(dogs -> {
            Watchdog dog = dogs.create();
            dog.watch(SHORT, () -> {
                barks.add("once");
                dog.watch(SHORT, () -> barks.add("twice"));
            });
        });
        await().untilAsserted(() -> assertThat(barks).containsExactly("once", "twice"));
    }
}
