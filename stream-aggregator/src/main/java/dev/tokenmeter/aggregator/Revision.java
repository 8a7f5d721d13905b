package dev.tokenmeter.aggregator;

/** Numbers that grow with every change, also over the loss of the state in which the one before was kept. */
final class Revision {
    private static final long MICROS_PER_MILLI = 1000;

    private Revision() {}

    /**
     * @param previous the revision before, 0 for none
     * @param nowMs wall clock, ms
     */
    static long after(long previous, long nowMs) {
        return Math.max(previous + 1, nowMs * MICROS_PER_MILLI);
    }
}
