package dev.tokenmeter.gateway.proxy;

import java.util.concurrent.TimeUnit;

/** What a call's time went to. For one event loop. */
final class CallClock {
    private final long started = System.nanoTime();
    private long firstByte = -1;
    private long own;
    private long workingSince = started;
    private boolean working = true;

    /** The gateway has something to do for the call. A new clock begins so. */
    void work() {
        if (!working) {
            working = true;
            workingSince = System.nanoTime();
        }
    }

    /** The gateway waits: for the client, or the provider. */
    void pause() {
        if (working) {
            working = false;
            own += System.nanoTime() - workingSince;
        }
    }

    /** A part of the answer's body came. */
    void answered() {
        if (firstByte < 0) {
            firstByte = System.nanoTime();
        }
    }

    /** The call's arrival, as {@link System#nanoTime} told it. */
    long started() {
        return started;
    }

    /** Since the call's arrival, ms. */
    long latencyMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
    }

    /** From arrival to the answer's first byte, ms; null when none came. */
    Long timeToFirstTokenMs() {
        return firstByte < 0 ? null : TimeUnit.NANOSECONDS.toMillis(firstByte - started);
    }

    /** The gateway's own share so far, ns. */
    long ownNanos() {
        return working ? own + System.nanoTime() - workingSince : own;
    }
}
