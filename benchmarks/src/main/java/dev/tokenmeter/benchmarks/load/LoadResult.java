package dev.tokenmeter.benchmarks.load;

import org.HdrHistogram.Histogram;

/**
 * What came of a load.
 *
 * @param completed answers with status 200, complete
 * @param failed other answers, broken connections, and arrivals that found no connection for too long
 * @param seconds from the first to the last
 * @param latency to the answer's last byte, ns; under open loop from the time at which a call was meant to go out, so that
 *     a server that stalls is charged for those who would have come meanwhile (no coordinated omission)
 * @param firstByte the same to the first byte of the answer's body
 */
public record LoadResult(long completed, long failed, double seconds, Histogram latency, Histogram firstByte) {
    /** Complete answers a second. */
    public double perSecond() {
        return completed / seconds;
    }
}
