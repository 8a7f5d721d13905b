package dev.tokenmeter.storage.query;

import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * When unpriced events occurred that have been stored since one last looked, by their places in Kafka: an event may be stored
 * long after it occurred. Reads three columns, of all revisions, so it may name an event that has been priced since. For one
 * thread; blocking.
 */
public final class UnpricedArrivals {
    private final Rows rows;
    private Map<Integer, Long> seen = Map.of();

    /**
     * What one look found.
     *
     * @param range from the first to after the last of them; empty for none
     * @param offsets of the last event that is stored, by partition
     */
    public record Arrived(Optional<TimeRange> range, Map<Integer, Long> offsets) {}

    public UnpricedArrivals(ClickHouse clickHouse) {
        this.rows = new Rows(clickHouse);
    }

    /**
     * What was stored since the look that was remembered last; everything if none was.
     *
     * @param range when events occurred that matter
     * @throws QueryException if ClickHouse does not answer
     */
    public Arrived within(TimeRange range) {
        Map<Integer, Long> offsets = new HashMap<>();
        rows.of(
                new Sql()
                        .add("SELECT kafka_partition AS place, toInt64(max(kafka_offset)) AS last FROM usage_events"
                                + " GROUP BY place"),
                row -> offsets.put(row.getInt("place"), row.getLong("last")));
        Sql sql = new Sql()
                .add("SELECT count() AS events, toUnixTimestamp64Micro(min(occurred_at)) AS first,"
                        + " toUnixTimestamp64Micro(max(occurred_at)) AS last FROM usage_events")
                .add(" WHERE occurred_at >= ?", range.from())
                .add(" AND occurred_at < ?", range.until())
                .add(" AND isNull(cost_usd)");
        seen.forEach((partition, offset) ->
                sql.add(" AND NOT (kafka_partition = ?", partition).add(" AND kafka_offset <= ?)", offset));
        List<Optional<TimeRange>> found = rows.of(
                sql,
                row -> row.getLong("events") == 0
                        ? Optional.empty()
                        : Optional.of(new TimeRange(
                                Rows.time(row, "first"), Rows.time(row, "last").plusNanos(1_000))));
        return new Arrived(found.get(0), offsets);
    }

    /** The next look begins after this one. */
    public void remember(Arrived arrived) {
        seen = Map.copyOf(arrived.offsets());
    }
}
