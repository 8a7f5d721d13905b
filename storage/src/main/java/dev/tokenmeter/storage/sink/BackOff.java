package dev.tokenmeter.storage.sink;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses that double from one failure to the next, with a random part so that several sinks do not retry in step. */
final class BackOff {
    private final long minMillis;
    private final long maxMillis;
    private long nextMillis;

    BackOff(Duration min, Duration max) {
        this.minMillis = Math.max(1, min.toMillis());
        this.maxMillis = Math.max(minMillis, max.toMillis());
        this.nextMillis = minMillis;
    }

    void reset() {
        nextMillis = minMillis;
    }

    Duration next() {
        long pause = nextMillis;
        nextMillis = Math.min(maxMillis, nextMillis * 2);
        return Duration.ofMillis(pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1));
    }
}
