package dev.tokenmeter.gateway.proxy;

import java.time.Duration;

/**
 * Barks when nothing has happened for too long, or at a limit whatever happens. Made by {@link Watchdogs}. For one event
 * loop.
 */
final class Watchdog {
    private final Watchdogs all;
    private int place = -1;
    private long patienceNanos;
    private long lastSign;
    private boolean limited;
    private long limit;
    private Runnable bark;

    Watchdog(Watchdogs all) {
        this.all = all;
    }

    /** Watches from now on; replaces an earlier watch. */
    void watch(Duration patience, Runnable newBark) {
        bark = newBark;
        patienceNanos = patience.toNanos();
        lastSign = System.nanoTime();
        all.watch(this, lastSign + left(lastSign));
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
            long now = System.nanoTime();
            all.watch(this, now + left(now));
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
        all.forget(this);
    }

    /** Until it has to bark, ns. */
    long left(long now) {
        long patience = patienceNanos - (now - lastSign);
        return limited ? Math.min(patience, limit - now) : patience;
    }

    /** Once; whoever is told may watch again. */
    void bark() {
        Runnable told = bark;
        stop();
        told.run();
    }

    /** Where it stands among all; negative for nowhere. */
    int place() {
        return place;
    }

    void place(int among) {
        place = among;
    }
}
