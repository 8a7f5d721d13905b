package dev.tokenmeter.storage.query;

import dev.tokenmeter.storage.query.UsageAnswer.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A {@link UsageQuery} as SQL. Columns of the answer: window, dimensions d0…, figures m0…, latest event's micros. */
final class UsageSql {
    private final UsageQuery query;
    private final Source source;
    private final String group;
    private final Sql sql = new Sql();

    private UsageSql(UsageQuery query, Source source, String group) {
        this.query = query;
        this.source = source;
        this.group = group;
    }

    static Sql overEvents(UsageQuery query) {
        return new UsageSql(query, Source.EVENTS, null).build();
    }

    /** @param group of rollups */
    static Sql overRollups(UsageQuery query, String group) {
        return new UsageSql(query, Source.ROLLUPS, group).build();
    }

    private Sql build() {
        select();
        from();
        filters();
        groupBy();
        sql.add(" ORDER BY " + String.join(", ", order()));
        // One more than asked for, to see whether there is more.
        return sql.add(" LIMIT ?", query.limit() + 1L);
    }

    private void select() {
        sql.add("SELECT ");
        if (query.bucket() != Bucket.NONE) {
            sql.add(query.bucket().startMicros(timeColumn()) + " AS w, ");
        }
        for (int i = 0; i < query.groupBy().size(); i++) {
            dimension(query.groupBy().get(i));
            sql.add(" AS d" + i + ", ");
        }
        for (int i = 0; i < query.metrics().size(); i++) {
            Metric metric = query.metrics().get(i);
            String figure = source == Source.EVENTS ? metric.overEvents() : metric.overRollups();
            sql.add(figure + " AS m" + i + ", ");
        }
        String latest = source == Source.EVENTS ? "occurred_at" : "last_occurred_at";
        sql.add("max(max(toUnixTimestamp64Micro(" + latest + "))) OVER () AS latest");
    }

    private void dimension(Dimension dimension) {
        DimensionSql.add(sql, dimension, source);
    }

    private String timeColumn() {
        return source == Source.EVENTS ? "occurred_at" : "window_start";
    }

    private void from() {
        if (source == Source.EVENTS) {
            sql.add(
                    " FROM usage_events FINAL WHERE occurred_at >= ?",
                    query.range().from());
            sql.add(" AND occurred_at < ?", query.range().until());
        } else {
            sql.add(" FROM usage_rollups FINAL WHERE dimension_group = ?", group);
            RollupWindows.add(sql, query.range(), query.bucket());
        }
    }

    private void filters() {
        for (Map.Entry<Dimension, String> filter : query.filters().entrySet()) {
            sql.add(" AND ");
            dimension(filter.getKey());
            sql.add(" = ?", filter.getValue());
        }
    }

    private void groupBy() {
        String keys = IntStream.range(0, query.groupBy().size())
                .mapToObj(i -> "d" + i)
                .collect(Collectors.joining(", "));
        boolean windows = query.bucket() != Bucket.NONE;
        if (windows || !keys.isEmpty()) {
            sql.add(" GROUP BY " + (windows ? "w" : "") + (windows && !keys.isEmpty() ? ", " : "") + keys);
        }
    }

    private List<String> order() {
        List<String> keys = new ArrayList<>();
        query.order().forEach(order -> keys.add(column(order.by()) + (order.descending() ? " DESC" : "")));
        if (query.order().isEmpty()) {
            if (query.bucket() != Bucket.NONE) {
                keys.add("w");
            }
            keys.add("m0 DESC");
        }
        // Always to the end, so that equal figures come in the same order each time.
        IntStream.range(0, query.groupBy().size()).forEach(i -> keys.add("d" + i));
        return keys;
    }

    private String column(Order.By by) {
        if (by instanceof Order.ByMetric metric) {
            return "m" + query.metrics().indexOf(metric.metric());
        }
        if (by instanceof Order.ByDimension dimension) {
            return "d" + query.groupBy().indexOf(dimension.dimension());
        }
        return "w";
    }
}
