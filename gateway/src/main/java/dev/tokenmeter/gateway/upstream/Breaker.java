package dev.tokenmeter.gateway.upstream;

import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes an address out of use while too many calls to it fail. After a rest one call, and then one in each further rest,
 * is let through to try it; the first that is answered brings it back, the first that fails renews the rest. (Breakers in
 * libraries judge a fixed number of trial calls once all have ended, and turn everyone else away until then: with answers
 * that take minutes to begin, that keeps out an address that is well again.) Thread-safe.
 */
public final class Breaker {
    /** Whether calls pass. */
    public enum State {
        /** All do. */
        CLOSED,
        /** One does now and then. */
        HALF_OPEN,
        /** None does. */
        OPEN
    }

    private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);

    private final String name;
    private final BreakerConfig config;
    private final LongSupplier nanoTime;
    private final long halfWindow;
    private volatile State state = State.CLOSED;
    private long halfSince;
    private int calls;
    private int failures;
    private int callsBefore;
    private int failuresBefore;
    private long nextTrial;

    /**
     * @param name in the log
     * @param nanoTime as {@link System#nanoTime} tells it
     */
    public Breaker(String name, BreakerConfig config, LongSupplier nanoTime) {
        this.name = name;
        this.config = config;
        this.nanoTime = nanoTime;
        this.halfWindow = config.window().toNanos() / 2;
        this.halfSince = nanoTime.getAsLong();
    }

    /** The state now. */
    public State state() {
        return state;
    }

    /** Whether a call would be let through now. */
    public boolean allows() {
        return state == State.CLOSED || nanosToTrial() <= 0;
    }

    /** Lets a call through, or does not. */
    public boolean tryPass() {
        if (state == State.CLOSED) {
            return true;
        }
        synchronized (this) {
            if (state != State.CLOSED) {
                if (nanosToTrial() > 0) {
                    return false;
                }
                state = State.HALF_OPEN;
                nextTrial = nanoTime.getAsLong() + config.openFor().toNanos();
            }
            return true;
        }
    }

    /** Until a call may try again, ns; not positive when one may now. */
    public synchronized long nanosToTrial() {
        return state == State.CLOSED ? 0 : nextTrial - nanoTime.getAsLong();
    }

    /** A call was answered. */
    public synchronized void succeeded() {
        if (state == State.HALF_OPEN) {
            LOG.info("{} answers again", name);
            state = State.CLOSED;
            callsBefore = 0;
            failuresBefore = 0;
            calls = 0;
            failures = 0;
        }
        count(false);
    }

    /** A call found nobody, no answer in time, or one that says so. */
    public synchronized void failed() {
        if (!config.enabled()) {
            return;
        }
        if (state == State.HALF_OPEN) {
            open();
        } else if (state == State.CLOSED) {
            count(true);
            int all = calls + callsBefore;
            int failed = failures + failuresBefore;
            if (all >= config.minCalls() && failed * 100L >= (long) config.failureRate() * all) {
                LOG.warn("{} failed {} of {} calls, and is left alone for {}", name, failed, all, config.openFor());
                open();
            }
        }
    }

    private void open() {
        state = State.OPEN;
        nextTrial = nanoTime.getAsLong() + config.openFor().toNanos();
    }

    /** Counts in two halves of the window, of which the older is forgotten when the newer is full. */
    private void count(boolean failure) {
        long now = nanoTime.getAsLong();
        if (now - halfSince >= halfWindow) {
            boolean older = now - halfSince >= 2 * halfWindow;
            callsBefore = older ? 0 : calls;
            failuresBefore = older ? 0 : failures;
            calls = 0;
            failures = 0;
            halfSince = now;
        }
        calls++;
        if (failure) {
            failures++;
        }
    }
}
