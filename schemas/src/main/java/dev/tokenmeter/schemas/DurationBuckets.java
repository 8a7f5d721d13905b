package dev.tokenmeter.schemas;

/**
 * Buckets of a histogram of milliseconds: each millisecond below 32, then sixteen to each doubling, as
 * <a href="https://hdrhistogram.github.io/HdrHistogram/">HdrHistogram</a> with one significant digit has them. Counts by
 * bucket add up exactly in any order, so a percentile of any window and group can be told of their sum; it is off by less than
 * a thirtieth.
 */
public final class DurationBuckets {
    /** Buckets to a doubling, as a power of two. */
    public static final int BITS = 4;
    /** Values below have a bucket each. */
    public static final int EXACT_BELOW = 2 << BITS;

    private static final String[] NAMES = new String[EXACT_BELOW];

    static {
        for (int i = 0; i < EXACT_BELOW; i++) {
            NAMES[i] = Integer.toString(i);
        }
    }

    private DurationBuckets() {}

    /** The lowest value of the bucket that a value falls into; of a negative one 0. */
    public static long lowest(long ms) {
        if (ms < EXACT_BELOW) {
            return Math.max(0, ms);
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(ms) - BITS;
        return ms >>> shift << shift;
    }

    /** The same, as it stands in rollups. */
    public static String name(long ms) {
        long lowest = lowest(ms);
        return lowest < EXACT_BELOW ? NAMES[(int) lowest] : Long.toString(lowest);
    }
}
