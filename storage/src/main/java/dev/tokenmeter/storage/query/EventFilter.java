package dev.tokenmeter.storage.query;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which stored events.
 *
 * @param range by when they occurred
 * @param values wanted values by dimension; none for all
 * @param unpricedOnly whether only those without a cost
 */
public record EventFilter(TimeRange range, Map<Dimension, String> values, boolean unpricedOnly) {
    public EventFilter {
        values = new LinkedHashMap<>(values);
    }

    /** The same within another range. */
    EventFilter within(TimeRange other) {
        return new EventFilter(other, values, unpricedOnly);
    }

    /** {@code FROM … WHERE …}, of the last revision of each event. */
    void addTo(Sql sql) {
        sql.add(" FROM usage_events FINAL WHERE occurred_at >= ?", range.from())
                .add(" AND occurred_at < ?", range.until());
        values.forEach((dimension, value) -> {
            if (dimension instanceof Dimension.Tag tag) {
                sql.add(" AND tags[?]", tag.tag());
            } else {
                sql.add(" AND " + ((Dimension.Field) dimension).eventColumn());
            }
            sql.add(" = ?", value);
        });
        if (unpricedOnly) {
            sql.add(" AND isNull(cost_usd)");
        }
    }
}
