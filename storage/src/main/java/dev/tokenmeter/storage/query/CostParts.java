package dev.tokenmeter.storage.query;

import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/** Cost by part (token kind or unit), USD. Thread-safe; blocking. */
public final class CostParts {
    private final Rows rows;

    public CostParts(ClickHouse clickHouse) {
        this.rows = new Rows(clickHouse);
    }

    /** Sums by part's name, largest first, of the events that pass the filters. */
    public Map<String, BigDecimal> of(TimeRange range, Map<Dimension, String> filters) {
        Sql sql = new Sql()
                .add("SELECT part.1 AS name, sum(part.2) AS cost FROM usage_events FINAL"
                        + " ARRAY JOIN CAST(cost_parts, 'Array(Tuple(String, Decimal(38, 12)))') AS part")
                .add(" WHERE occurred_at >= ?", range.from())
                .add(" AND occurred_at < ?", range.until());
        filters.forEach((dimension, value) -> filter(sql, dimension, value));
        sql.add(" GROUP BY name ORDER BY cost DESC, name");
        Map<String, BigDecimal> costs = new LinkedHashMap<>();
        rows.of(sql, row -> costs.put(row.getString("name"), row.getBigDecimal("cost")));
        return costs;
    }

    private static void filter(Sql sql, Dimension dimension, String value) {
        if (dimension instanceof Dimension.Tag tag) {
            sql.add(" AND tags[?]", tag.tag());
        } else {
            sql.add(" AND " + ((Dimension.Field) dimension).eventColumn());
        }
        sql.add(" = ?", value);
    }
}
