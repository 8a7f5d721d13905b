package dev.tokenmeter.gateway.estimate;

import java.util.List;

/**
 * The beginning of a body.
 *
 * @param pieces hold it, in order; the last one may have room left
 * @param length bytes kept
 * @param total bytes of the whole body, as far as it came
 */
record Kept(List<byte[]> pieces, int length, long total) {
    static final Kept NOTHING = new Kept(List.of(), 0, 0);

    /** A copy in one piece. */
    byte[] bytes() {
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] piece : pieces) {
            int count = Math.min(piece.length, length - at);
            System.arraycopy(piece, 0, all, at, count);
            at += count;
        }
        return all;
    }

    boolean whole() {
        return length == total;
    }

    /** A count of what was kept, carried on to the whole body at the same rate, rounded up. */
    long extrapolated(long tokens) {
        return whole() || length == 0 ? tokens : (long) Math.ceil(tokens * ((double) total / length));
    }
}
