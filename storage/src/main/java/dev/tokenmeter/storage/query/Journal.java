package dev.tokenmeter.storage.query;

import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Budgets' standing, alerts and anomalies as they were stored. Thread-safe; blocking. */
public final class Journal {
    private final Rows rows;

    /**
     * Spend against a budget in its running period.
     *
     * @param dimensions which calls count, by dimension
     * @param period day, week, month or total
     * @param limitTokens null for a budget in USD
     * @param fallbackModel null for none
     * @param outlook what is carried over and what will be
     */
    public record BudgetStanding(
            String budgetId,
            String tenant,
            String name,
            Map<String, String> dimensions,
            String period,
            String timeZone,
            Instant periodStart,
            Instant periodEnd,
            BigDecimal spentUsd,
            BigDecimal limitUsd,
            long spentTokens,
            Long limitTokens,
            boolean hard,
            String fallbackModel,
            List<Integer> thresholdsPercent,
            Outlook outlook,
            Instant updatedAt) {
        /** Of the limit, in its unit. */
        public BigDecimal spent() {
            return limitTokens == null ? spentUsd : BigDecimal.valueOf(spentTokens);
        }

        /** In its unit. */
        public BigDecimal limit() {
            return limitTokens == null ? limitUsd : BigDecimal.valueOf(limitTokens);
        }
    }

    /**
     * What a budget has from the period before, and what will be. Amounts are in the budget's unit.
     *
     * @param carriedOver part of the limit
     * @param expected at the period's end; null where it is too early to tell
     * @param low it will be more with a probability of nine in ten; null where it is too early to tell
     * @param high it will be less with a probability of nine in ten; null where it is too early to tell
     * @param exhaustedAt when the limit will be, or was, reached; null for not in the period
     * @param topContributors what most of the spend was made of when a threshold was crossed, by dimension=value
     */
    public record Outlook(
            BigDecimal carriedOver,
            BigDecimal expected,
            BigDecimal low,
            BigDecimal high,
            Instant exhaustedAt,
            Map<String, BigDecimal> topContributors) {}

    /** Where an alert stands; amounts in USD, null where it is not about an amount. */
    public record AlertRow(
            String alertId,
            String kind,
            String state,
            String severity,
            String tenant,
            String summary,
            Map<String, String> labels,
            BigDecimal observedUsd,
            BigDecimal limitUsd,
            Instant windowStart,
            Instant windowEnd,
            Instant startsAt,
            Instant updatedAt) {}

    /**
     * What broke a rule, USD.
     *
     * @param since null where nobody said
     * @param observedTokens null where nobody said
     * @param expectedTokens null for rules that are not about tokens
     * @param observedRequests null where nobody said
     * @param expectedRequests null for rules that are not about calls
     * @param partOf the anomaly of which it is another side; null for none
     * @param contributors what explains it
     */
    public record AnomalyRow(
            String anomalyId,
            String tenant,
            String rule,
            Map<String, String> dimensions,
            Instant windowStart,
            Instant windowEnd,
            BigDecimal observedUsd,
            BigDecimal expectedUsd,
            BigDecimal factor,
            Instant detectedAt,
            Instant since,
            String timeZone,
            String severity,
            Long observedTokens,
            Long expectedTokens,
            Long observedRequests,
            Long expectedRequests,
            String partOf,
            List<Contributor> contributors) {}

    /** A part of what an anomaly is about: its spend, and its average spend in what is compared, USD. */
    public record Contributor(Map<String, String> dimensions, BigDecimal expectedUsd, BigDecimal observedUsd) {}

    public Journal(ClickHouse clickHouse) {
        this.rows = new Rows(clickHouse);
    }

    /**
     * Budgets whose period holds {@code now} and that are still there, fullest first.
     *
     * @param tenant whose, or empty for all
     */
    public List<BudgetStanding> budgets(Optional<String> tenant, Instant now) {
        Sql sql = new Sql()
                .add("SELECT budget_id, tenant, name, " + micros("period_start", "period_end", "updated_at")
                        + ", dimensions, period, time_zone, spent_usd, limit_usd, spent_tokens, limit_tokens, hard,"
                        + " fallback_model, thresholds_percent, carried_over_usd, carried_over_tokens, forecast_usd,"
                        + " forecast_low_usd, forecast_high_usd, forecast_tokens, forecast_low_tokens,"
                        + " forecast_high_tokens, toUnixTimestamp64Micro(exhausted_at) AS exhausted_at_micros,"
                        + " top_contributors FROM budget_status FINAL")
                .add(" WHERE period_start <= ?", now)
                .add(" AND period_end > ?", now)
                .add(" AND NOT closed");
        tenant.ifPresent(name -> sql.add(" AND tenant = ?", name));
        sql.add(" ORDER BY if(isNull(limit_tokens),"
                + " if(limit_usd = 0, 0, toFloat64(spent_usd) / toFloat64(limit_usd)),"
                + " if(limit_tokens = 0, 0, spent_tokens / limit_tokens))"
                + " DESC, tenant, budget_id LIMIT 10000");
        return rows.of(sql, Journal::budget);
    }

    /** Alerts, the one with the latest step first. */
    public List<AlertRow> alerts(Optional<String> tenant, int limit) {
        Sql sql = new Sql()
                .add("SELECT alert_id, kind, state, severity, tenant, summary, labels, observed_usd, limit_usd, "
                        + micros("window_start", "window_end", "starts_at", "updated_at")
                        + " FROM alerts FINAL WHERE true");
        tenant.ifPresent(name -> sql.add(" AND tenant = ?", name));
        sql.add(" ORDER BY updated_at DESC, alert_id LIMIT 1 BY alert_id LIMIT ?", limit);
        return rows.of(sql, Journal::alert);
    }

    /** Anomalies that stand, the latest window first. */
    public List<AnomalyRow> anomalies(Optional<String> tenant, int limit) {
        Sql sql = new Sql()
                .add(
                        "SELECT anomaly_id, tenant, rule, dimensions, observed_usd, expected_usd, factor, time_zone, severity,"
                                + " observed_tokens, expected_tokens, observed_requests, expected_requests, part_of,"
                                + " contributor_dimensions, contributor_expected_usd, contributor_observed_usd, "
                                + micros("window_start", "window_end", "detected_at", "since")
                                + " FROM anomalies FINAL WHERE NOT resolved");
        tenant.ifPresent(name -> sql.add(" AND tenant = ?", name));
        sql.add(" ORDER BY window_start DESC, detected_at DESC, anomaly_id LIMIT ?", limit);
        return rows.of(sql, Journal::anomaly);
    }

    private static String micros(String... columns) {
        return String.join(
                ", ",
                Arrays.stream(columns)
                        .map(column -> "toUnixTimestamp64Micro(" + column + ") AS " + column + "_micros")
                        .toList());
    }

    private static BudgetStanding budget(ResultSet row) throws SQLException {
        long limitTokens = row.getLong("limit_tokens");
        boolean inTokens = !row.wasNull();
        Object[] thresholds = (Object[]) row.getArray("thresholds_percent").getArray();
        return new BudgetStanding(
                row.getString("budget_id"),
                row.getString("tenant"),
                row.getString("name"),
                texts(row, "dimensions"),
                row.getString("period"),
                row.getString("time_zone"),
                Rows.time(row, "period_start_micros"),
                Rows.time(row, "period_end_micros"),
                row.getBigDecimal("spent_usd"),
                row.getBigDecimal("limit_usd"),
                row.getLong("spent_tokens"),
                inTokens ? limitTokens : null,
                row.getBoolean("hard"),
                row.getString("fallback_model"),
                Arrays.stream(thresholds).map(Integer.class::cast).toList(),
                outlook(row, inTokens ? "tokens" : "usd"),
                Rows.time(row, "updated_at_micros"));
    }

    private static Outlook outlook(ResultSet row, String unit) throws SQLException {
        long exhausted = row.getLong("exhausted_at_micros");
        Instant exhaustedAt = row.wasNull() ? null : Rows.time(exhausted);
        Map<String, BigDecimal> contributors = new TreeMap<>();
        ((Map<?, ?>) row.getObject("top_contributors"))
                .forEach((what, amount) -> contributors.put(what.toString(), new BigDecimal(amount.toString())));
        return new Outlook(
                row.getBigDecimal("carried_over_" + unit),
                row.getBigDecimal("forecast_" + unit),
                row.getBigDecimal("forecast_low_" + unit),
                row.getBigDecimal("forecast_high_" + unit),
                exhaustedAt,
                contributors);
    }

    private static AlertRow alert(ResultSet row) throws SQLException {
        return new AlertRow(
                row.getString("alert_id"),
                row.getString("kind"),
                row.getString("state"),
                row.getString("severity"),
                row.getString("tenant"),
                row.getString("summary"),
                texts(row, "labels"),
                row.getBigDecimal("observed_usd"),
                row.getBigDecimal("limit_usd"),
                Rows.time(row, "window_start_micros"),
                Rows.time(row, "window_end_micros"),
                Rows.time(row, "starts_at_micros"),
                Rows.time(row, "updated_at_micros"));
    }

    private static AnomalyRow anomaly(ResultSet row) throws SQLException {
        return new AnomalyRow(
                row.getString("anomaly_id"),
                row.getString("tenant"),
                row.getString("rule"),
                texts(row, "dimensions"),
                Rows.time(row, "window_start_micros"),
                Rows.time(row, "window_end_micros"),
                row.getBigDecimal("observed_usd"),
                row.getBigDecimal("expected_usd"),
                row.getBigDecimal("factor"),
                Rows.time(row, "detected_at_micros"),
                row.getObject("since_micros") == null ? null : Rows.time(row, "since_micros"),
                row.getString("time_zone"),
                row.getString("severity"),
                count(row, "observed_tokens"),
                count(row, "expected_tokens"),
                count(row, "observed_requests"),
                count(row, "expected_requests"),
                row.getString("part_of"),
                contributors(row));
    }

    private static Long count(ResultSet row, String column) throws SQLException {
        long count = row.getLong(column);
        return row.wasNull() ? null : count;
    }

    private static List<Contributor> contributors(ResultSet row) throws SQLException {
        Object[] dimensions = (Object[]) row.getArray("contributor_dimensions").getArray();
        Object[] expected = (Object[]) row.getArray("contributor_expected_usd").getArray();
        Object[] observed = (Object[]) row.getArray("contributor_observed_usd").getArray();
        List<Contributor> contributors = new ArrayList<>(dimensions.length);
        for (int i = 0; i < dimensions.length; i++) {
            contributors.add(new Contributor(texts(dimensions[i]), (BigDecimal) expected[i], (BigDecimal) observed[i]));
        }
        return contributors;
    }

    private static Map<String, String> texts(ResultSet row, String column) throws SQLException {
        return texts(row.getObject(column));
    }

    private static Map<String, String> texts(Object found) {
        Map<String, String> texts = new TreeMap<>();
        ((Map<?, ?>) found).forEach((name, value) -> texts.put(name.toString(), value.toString()));
        return texts;
    }
}
