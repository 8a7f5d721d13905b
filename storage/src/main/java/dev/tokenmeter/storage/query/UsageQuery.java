package dev.tokenmeter.storage.query;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The general question: these figures, by these dimensions, of the events that pass these filters.
 *
 * @param range when they occurred
 * @param metrics figures, at least one
 * @param groupBy dimensions of the rows, none for a single row a window
 * @param filters values that dimensions must have
 * @param bucket windows to cut the range into
 * @param order keys to sort by; empty for windows in order, then largest first figure, then dimensions
 * @param limit the most rows to answer
 */
public record UsageQuery(
        TimeRange range,
        List<Metric> metrics,
        List<Dimension> groupBy,
        Map<Dimension, String> filters,
        Bucket bucket,
        List<Order> order,
        int limit) {

    /** The most rows of one answer. */
    public static final int MAX_ROWS = 10_000;

    /** @throws IllegalArgumentException if there is no metric or the limit is out of bounds */
    public UsageQuery {
        if (metrics.isEmpty()) {
            throw new IllegalArgumentException("no metric");
        }
        if (limit < 1 || limit > MAX_ROWS) {
            throw new IllegalArgumentException("limit " + limit);
        }
        metrics = List.copyOf(metrics);
        groupBy = List.copyOf(groupBy);
        filters = Map.copyOf(filters);
        order = List.copyOf(order);
    }

    /** A query without windows, in the default order. */
    public static UsageQuery of(
            TimeRange range, List<Metric> metrics, List<Dimension> groupBy, Map<Dimension, String> filters) {
        return new UsageQuery(range, metrics, groupBy, filters, Bucket.NONE, List.of(), MAX_ROWS);
    }

    /** The same, cut into windows. */
    public UsageQuery by(Bucket windows) {
        return new UsageQuery(range, metrics, groupBy, filters, windows, order, limit);
    }

    /** The same within other bounds. */
    UsageQuery within(TimeRange bounds) {
        return new UsageQuery(bounds, metrics, groupBy, filters, bucket, order, limit);
    }

    /** The same with one more filter, which replaces one on the same dimension. */
    public UsageQuery where(Dimension dimension, String value) {
        Map<Dimension, String> more = new LinkedHashMap<>(filters);
        more.put(dimension, value);
        return new UsageQuery(range, metrics, groupBy, more, bucket, order, limit);
    }

    /** All dimensions that it mentions. */
    Set<Dimension> dimensions() {
        Set<Dimension> mentioned = new HashSet<>(groupBy);
        mentioned.addAll(filters.keySet());
        return mentioned;
    }
}
