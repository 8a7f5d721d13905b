package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Rollups as they were last told, read back for who rebuilds them. Thread-safe; blocking. */
public final class StoredRollups {
    private static final RecordColumns FIELDS = new RecordColumns(UsageRollup.getClassSchema());

    private final ClickHouse clickHouse;
    private final Rows rows;

    public StoredRollups(ClickHouse clickHouse) {
        this.clickHouse = clickHouse;
        this.rows = new Rows(clickHouse);
    }

    /** Tenants that have events or rollups in the range. */
    public Set<String> tenants(TimeRange range) {
        Sql sql = new Sql()
                .add("SELECT DISTINCT tenant FROM usage_events WHERE occurred_at >= ?", range.from())
                .add(" AND occurred_at < ?", range.until())
                .add(" UNION DISTINCT SELECT DISTINCT tenant FROM usage_rollups WHERE window_start >= ?", range.from())
                .add(" AND window_start < ?", range.until());
        return new TreeSet<>(rows.of(sql, row -> row.getString(1)));
    }

    /**
     * Shows each rollup of a tenant whose window lies within the range to a visitor.
     *
     * @param granularities names, of which only
     * @throws QueryException if ClickHouse does not answer
     */
    public void forEach(TimeRange range, String tenant, List<String> granularities, Consumer<UsageRollup> visitor) {
        Sql sql = new Sql()
                .add("SELECT " + FIELDS.names() + " FROM usage_rollups FINAL WHERE window_start >= ?", range.from())
                .add(" AND window_end <= ?", range.until())
                .add(" AND tenant = ?", tenant);
        String or = " AND (";
        for (String granularity : granularities) {
            sql.add(or + "granularity = ?", granularity);
            or = " OR ";
        }
        sql.add(")");
        try (Connection connection = clickHouse.open();
                PreparedStatement statement = sql.prepare(connection);
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                visitor.accept(FIELDS.read(result, new UsageRollup()));
            }
        } catch (SQLException e) {
            throw new QueryException(e);
        }
    }
}
