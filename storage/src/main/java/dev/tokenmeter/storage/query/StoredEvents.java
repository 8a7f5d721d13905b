package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Whole events, as they were last told, read back by the thousands. It asks for a stretch of time after the other, so that
 * neither side holds more than some ten thousand at once. Thread-safe; blocking.
 */
public final class StoredEvents {
    private static final long EVENTS_A_PAGE = 50_000;
    private static final Duration HOUR = Duration.ofHours(1);

    private final ClickHouse clickHouse;
    private final Rows rows;

    private record Hour(Instant start, long events) {}

    /** A part of the range that is read at once. */
    private record Page(TimeRange range, long events) {}

    public StoredEvents(ClickHouse clickHouse) {
        this.clickHouse = clickHouse;
        this.rows = new Rows(clickHouse);
    }

    /** How many there are. */
    public long count(EventFilter filter) {
        return hours(filter).stream().mapToLong(Hour::events).sum();
    }

    /**
     * Shows each event to a visitor, in the order of their hours. Events that are stored meanwhile may be left out.
     *
     * @throws QueryException if ClickHouse does not answer
     */
    public void forEach(EventFilter filter, Consumer<UsageEvent> visitor) {
        forEachPlaced(filter, (event, partition, offset) -> visitor.accept(event));
    }

    /** Takes an event and where its record stands in the usage topic. */
    public interface PlacedVisitor {
        void visit(UsageEvent event, int partition, long offset);
    }

    /**
     * The same with where the record of each stands: of copies the first, by its last revision.
     *
     * @throws QueryException if ClickHouse does not answer
     */
    public void forEachPlaced(EventFilter filter, PlacedVisitor visitor) {
        for (Page page : pages(filter)) {
            read(filter.within(page.range), visitor);
        }
    }

    private List<Page> pages(EventFilter filter) {
        List<Page> pages = new ArrayList<>();
        Page open = null;
        for (Hour hour : hours(filter)) {
            TimeRange range = within(filter.range(), hour);
            if (open != null && open.events + hour.events <= EVENTS_A_PAGE) {
                open = new Page(new TimeRange(open.range.from(), range.until()), open.events + hour.events);
                pages.set(pages.size() - 1, open);
            } else {
                open = new Page(range, hour.events);
                pages.add(open);
            }
        }
        return pages;
    }

    private static TimeRange within(TimeRange range, Hour hour) {
        Instant end = hour.start.plus(HOUR);
        return new TimeRange(
                hour.start.isBefore(range.from()) ? range.from() : hour.start,
                end.isAfter(range.until()) ? range.until() : end);
    }

    private List<Hour> hours(EventFilter filter) {
        Sql sql = new Sql()
                .add("SELECT toUnixTimestamp64Micro(toDateTime64(toStartOfHour(occurred_at), 6, 'UTC')) AS hour,"
                        + " count() AS events");
        filter.addTo(sql);
        sql.add(" GROUP BY hour ORDER BY hour");
        return rows.of(sql, row -> new Hour(Rows.time(row, "hour"), row.getLong("events")));
    }

    private void read(EventFilter filter, PlacedVisitor visitor) {
        Sql sql = new Sql().add("SELECT " + StoredEvent.COLUMNS + ", kafka_partition, kafka_offset");
        filter.addTo(sql);
        try (Connection connection = clickHouse.open();
                PreparedStatement statement = sql.prepare(connection);
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                visitor.visit(
                        StoredEvent.read(result),
                        result.getInt(StoredEvent.COUNT + 1),
                        result.getLong(StoredEvent.COUNT + 2));
            }
        } catch (SQLException e) {
            throw new QueryException(e);
        }
    }
}
