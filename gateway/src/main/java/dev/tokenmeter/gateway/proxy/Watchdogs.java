package dev.tokenmeter.gateway.proxy;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One event loop's {@link Watchdog}s, which share one timer: it is set for the first of them that may have to bark, and the
 * calls that end before then, which is nearly all, cost no timer. For that event loop.
 */
final class Watchdogs {
    private static final long NONE = -1;

    private final Vertx vertx;
    private final List<Watchdog> watching = new ArrayList<>();
    private long timer = NONE;
    private long firesAt;

    Watchdogs(Vertx vertx) {
        this.vertx = vertx;
    }

    Watchdog create() {
        return new Watchdog(this);
    }

    /** Has it looked after at that time at the latest. */
    void watch(Watchdog dog, long deadline) {
        if (dog.place() < 0) {
            dog.place(watching.size());
            watching.add(dog);
        }
        if (timer == NONE || deadline - firesAt < 0) {
            setTimer(deadline, System.nanoTime());
        }
    }

    void forget(Watchdog dog) {
        int place = dog.place();
        if (place >= 0) {
            Watchdog last = watching.remove(watching.size() - 1);
            if (last != dog) {
                watching.set(place, last);
                last.place(place);
            }
            dog.place((int) NONE);
        }
    }

    private void setTimer(long deadline, long now) {
        if (timer != NONE) {
            vertx.cancelTimer(timer);
        }
        firesAt = deadline;
        timer = vertx.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - now) + 1), id -> look());
    }

    private void look() {
        timer = NONE;
        long now = System.nanoTime();
        long next = Long.MAX_VALUE;
        for (Watchdog dog : List.copyOf(watching)) {
            long left = dog.place() < 0 ? Long.MAX_VALUE : dog.left(now);
            if (left <= 0) {
                dog.bark();
            } else {
                next = Math.min(next, left);
            }
        }
        if (next != Long.MAX_VALUE && (timer == NONE || now + next - firesAt < 0)) {
            setTimer(now + next, now);
        }
    }
}
