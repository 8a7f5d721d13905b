package dev.tokenmeter.aggregator.rebuild;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.apache.kafka.common.header.Header;

/**
 * What is rebuilt by one cut through the log. After its life nothing is replaced by it any more, so that a rebuild that was
 * killed leaves nothing behind.
 *
 * @param id begins with the end of its life, in milliseconds since the epoch, so that ids sort by it
 * @param from windows that begin then or later
 * @param until and end by then
 * @param tenant whose; empty for all
 */
public record RebuildScope(String id, Instant from, Instant until, String tenant) {
    /** Header of a record without a value in the usage topic: the cut; its value is the scope. */
    public static final String CUT = "rebuild.cut";

    /** The same: nothing is replaced by this cut any more. */
    public static final String END = "rebuild.end";

    /** Header of a counted event: it stands behind the cut of this scope. */
    public static final String SINCE = "rebuild.since";

    /** Header of a replacement: by which cut it was summed. */
    public static final String OF = "rebuild.of";

    private static final Duration LIFE = Duration.ofMinutes(30);
    /** Clocks may differ by so much: events are marked until the end, rollups are replaced only until so long before it. */
    private static final Duration MARGIN = Duration.ofMinutes(10);

    /** A new one. */
    public static RebuildScope of(Instant from, Instant until, String tenant, Instant now) {
        long end = now.plus(LIFE).toEpochMilli();
        return new RebuildScope(end + "-" + UUID.randomUUID(), from, until, tenant);
    }

    /** Whether it concerns an event. */
    public boolean covers(String whose, Instant at) {
        return !at.isBefore(from) && at.isBefore(until) && (tenant.isEmpty() || tenant.equals(whose));
    }

    /** Whether it concerns a window. */
    public boolean covers(Instant windowStart, Instant windowEnd) {
        return !windowStart.isBefore(from) && !windowEnd.isAfter(until);
    }

    /** Whether events are no longer marked. */
    public boolean isOver(long nowMs) {
        return nowMs >= endMs();
    }

    /** Whether rollups may still be replaced. */
    public boolean mayReplace(long nowMs) {
        return nowMs < endMs() - MARGIN.toMillis();
    }

    private long endMs() {
        return Long.parseLong(id.substring(0, id.indexOf('-')));
    }

    /** As a header's value. */
    public byte[] toBytes() {
        return (id + ";" + from + ";" + until + ";" + tenant).getBytes(StandardCharsets.UTF_8);
    }

    /** @throws RuntimeException if the header holds something else */
    public static RebuildScope of(Header header) {
        return parse(new String(header.value(), StandardCharsets.UTF_8));
    }

    static RebuildScope parse(String text) {
        String[] parts = text.split(";", 4);
        RebuildScope scope = new RebuildScope(parts[0], Instant.parse(parts[1]), Instant.parse(parts[2]), parts[3]);
        scope.endMs();
        return scope;
    }
}
