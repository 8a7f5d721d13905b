package dev.tokenmeter.gateway.proxy;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Barks when nothing has happened for too long. One timer a call, set anew only when it fires. For one event loop. */
final class Watchdog {
    private static final long NONE = -1;

    private final Vertx vertx;
    private long timer = NONE;
    private long patienceNanos;
    private long lastSign;
    private Runnable bark;

    Watchdog(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Watches from now on; replaces an earlier watch. */
    void watch(Duration patience, Runnable bark) {
        this.bark = bark;
        patienceNanos = patience.toNanos();
        lastSign = System.nanoTime();
        stop();
        set(patienceNanos);
    }

    /** Something happened. */
    void sign() {
        lastSign = System.nanoTime();
    }

    void stop() {
        if (timer != NONE) {
            vertx.cancelTimer(timer);
            timer = NONE;
        }
    }

    private void set(long nanos) {
        timer = vertx.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos) + 1), id -> fire());
    }

    private void fire() {
        timer = NONE;
        long left = patienceNanos - (System.nanoTime() - lastSign);
        if (left > 0) {
            set(left);
        } else {
            bark.run();
        }
    }
}
