package dev.tokenmeter.gateway.proxy;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Barks when nothing has happened for too long, or at a limit whatever happens. One timer a call, set anew only when it
 * fires or would fire too late. For one event loop.
 */
final class Watchdog {
    private static final long NONE = -1;

    private final Vertx vertx;
    private long timer = NONE;
    private long firesAt;
    private long patienceNanos;
    private long lastSign;
    private boolean limited;
    private long limit;
    private Runnable bark;

    Watchdog(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Watches from now on; replaces an earlier watch. */
    void watch(Duration patience, Runnable newBark) {
        bark = newBark;
        patienceNanos = patience.toNanos();
        lastSign = System.nanoTime();
        arm(lastSign);
    }

    /**
     * Barks then at the latest, until told otherwise.
     *
     * @param nanoTime as {@link System#nanoTime} tells it
     */
    void limit(long nanoTime) {
        limited = true;
        limit = nanoTime;
        if (bark != null) {
            arm(System.nanoTime());
        }
    }

    /** No more limit. */
    void unlimit() {
        limited = false;
    }

    /** Something happened. */
    void sign() {
        lastSign = System.nanoTime();
    }

    void stop() {
        bark = null;
        if (timer != NONE) {
            vertx.cancelTimer(timer);
            timer = NONE;
        }
    }

    private void arm(long now) {
        long left = left(now);
        if (timer != NONE && firesAt - now > left) {
            vertx.cancelTimer(timer);
            timer = NONE;
        }
        if (timer == NONE) {
            firesAt = now + left;
            timer = vertx.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left) + 1), id -> fire());
        }
    }

    private long left(long now) {
        long patience = patienceNanos - (now - lastSign);
        return limited ? Math.min(patience, limit - now) : patience;
    }

    private void fire() {
        timer = NONE;
        long now = System.nanoTime();
        if (left(now) > 0) {
            arm(now);
        } else {
            bark.run();
        }
    }
}
