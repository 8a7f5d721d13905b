package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares the sum of events with the sum of each group of rollups, to the last digit. Thread-safe; blocking. */
public final class LedgerCheck {
    private static final Duration HOUR = Duration.ofHours(1);

    private final Rows rows;

    /**
     * What was found.
     *
     * @param events sums over the events, by metric name
     * @param rollups sums over each group of rollups whose windows fit the range
     */
    public record Result(TimeRange range, Map<String, BigDecimal> events, List<Group> rollups) {
        /** Whether every group agrees with the events; false if there are events but no rollup of them. */
        public boolean exact() {
            boolean complete = !rollups.isEmpty() || events.get("requests").signum() == 0;
            return complete && rollups.stream().allMatch(Group::exact);
        }
    }

    /**
     * Sums of one group at one granularity.
     *
     * @param sums by metric name
     * @param exact whether all of them are those of the events
     */
    public record Group(String granularity, String dimensionGroup, Map<String, BigDecimal> sums, boolean exact) {}

    public LedgerCheck(ClickHouse clickHouse) {
        this.rows = new Rows(clickHouse);
    }

    /**
     * @param range whole UTC hours; day rollups are compared if it is whole days
     * @param tenant whose events, or empty for all
     * @throws IllegalArgumentException if the range does not begin and end on a full hour
     */
    public Result run(TimeRange range, Optional<String> tenant) {
        if (!range.isAlignedTo(HOUR)) {
            throw new IllegalArgumentException("not whole hours");
        }
        Map<String, BigDecimal> events = events(range, tenant);
        return new Result(range, events, rollups(range, tenant, events));
    }

    /** What is compared: every sum that a rollup holds; quotients follow from these. */
    private static List<Metric> compared() {
        List<Metric> metrics = new ArrayList<>(List.of(
                Metric.KNOWN_COST_USD,
                Metric.REQUESTS,
                Metric.ERRORS,
                Metric.UNPRICED_REQUESTS,
                Metric.UNPRICED_TOKENS));
        for (TokenKind kind : TokenKind.values()) {
            metrics.add(Metric.of(kind));
        }
        return metrics;
    }

    private Map<String, BigDecimal> events(TimeRange range, Optional<String> tenant) {
        Sql sql = new Sql().add("SELECT true");
        compared().forEach(metric -> sql.add(", " + metric.overEvents() + " AS `sum_" + metric.name() + "`"));
        sql.add(" FROM usage_events FINAL");
        bounds(sql, range, tenant, "occurred_at");
        return rows.of(sql, LedgerCheck::sums).get(0);
    }

    private List<Group> rollups(TimeRange range, Optional<String> tenant, Map<String, BigDecimal> events) {
        Sql sql = new Sql().add("SELECT granularity, dimension_group");
        compared().forEach(metric -> sql.add(", " + metric.overRollups() + " AS `sum_" + metric.name() + "`"));
        sql.add(" FROM usage_rollups FINAL");
        bounds(sql, range, tenant, "window_start");
        sql.add(" AND granularity IN (" + comparable(range) + ")");
        sql.add(" GROUP BY granularity, dimension_group ORDER BY granularity, dimension_group");
        return rows.of(sql, row -> {
            Map<String, BigDecimal> sums = sums(row);
            return new Group(row.getString(1), row.getString(2), sums, isSame(sums, events));
        });
    }

    private static String comparable(TimeRange range) {
        return range.isAlignedTo(Duration.ofDays(1)) ? "'minute', 'hour', 'day'" : "'minute', 'hour'";
    }

    private static void bounds(Sql sql, TimeRange range, Optional<String> tenant, String time) {
        sql.add(" WHERE " + time + " >= ?", range.from()).add(" AND " + time + " < ?", range.until());
        tenant.ifPresent(name -> sql.add(" AND tenant = ?", name));
    }

    private static Map<String, BigDecimal> sums(ResultSet row) throws SQLException {
        Map<String, BigDecimal> sums = new LinkedHashMap<>();
        for (Metric metric : compared()) {
            sums.put(metric.name(), row.getBigDecimal("sum_" + metric.name()));
        }
        return sums;
    }

    private static boolean isSame(Map<String, BigDecimal> a, Map<String, BigDecimal> b) {
        return a.entrySet().stream().allMatch(entry -> entry.getValue().compareTo(b.get(entry.getKey())) == 0);
    }
}
