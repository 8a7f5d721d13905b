package dev.tokenmeter.benchmarks.load;

import java.time.Duration;

/**
 * What to ask for, and how often.
 *
 * @param port of a server on this machine
 * @param request its bytes on the wire, head and body
 * @param connections at most so many calls under way
 * @param perSecond arrivals at a fixed rate, whatever becomes of those before (open loop); 0 to ask again as soon as
 *     answered (closed loop)
 * @param duration when to stop asking
 * @param maxRequests stop after so many as well
 */
public record LoadPlan(
        int port, byte[] request, int connections, double perSecond, Duration duration, long maxRequests) {
    private static final long UNBOUNDED = 50_000_000;

    /** As fast as it goes. */
    public static LoadPlan full(int port, byte[] request, int connections, Duration duration) {
        return new LoadPlan(port, request, connections, 0, duration, UNBOUNDED);
    }

    /** At a fixed rate. */
    public static LoadPlan at(double perSecond, int port, byte[] request, Duration duration) {
        long count = Math.max(1, (long) (perSecond * duration.toNanos() / 1e9));
        return new LoadPlan(port, request, 512, perSecond, duration, count);
    }

    /** So many, as fast as it goes. */
    public static LoadPlan count(int port, byte[] request, int connections, long requests) {
        return new LoadPlan(port, request, connections, 0, Duration.ofMinutes(10), requests);
    }

    boolean isOpenLoop() {
        return perSecond > 0;
    }
}
