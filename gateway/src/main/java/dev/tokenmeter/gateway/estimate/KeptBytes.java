package dev.tokenmeter.gateway.estimate;

import java.util.concurrent.atomic.AtomicLong;

/** The memory that recordings share. Thread-safe. */
final class KeptBytes {
    private final long max;
    private final AtomicLong taken = new AtomicLong();

    KeptBytes(long max) {
        this.max = max;
    }

    /** Takes so many bytes; false, and nothing taken, when there are not so many left. */
    boolean take(int bytes) {
        if (taken.addAndGet(bytes) > max) {
            taken.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** Bytes taken now. */
    long taken() {
        return taken.get();
    }
}
