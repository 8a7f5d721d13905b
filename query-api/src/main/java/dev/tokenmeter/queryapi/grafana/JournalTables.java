package dev.tokenmeter.queryapi.grafana;

import dev.tokenmeter.storage.query.Journal;
import dev.tokenmeter.storage.query.Journal.AlertRow;
import dev.tokenmeter.storage.query.Journal.AnomalyRow;
import dev.tokenmeter.storage.query.TimeRange;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Budgets, anomalies and alerts as tables, and the latter two as annotations: the columns {@code time}, {@code timeEnd},
 * {@code title}, {@code text} and {@code tags} are those that Grafana makes annotations of
 * (<a href="https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/annotate-visualizations/">Annotate
 * visualizations</a>). Of the latest {@value #LATEST} of each, those within the range.
 */
final class JournalTables {
    /** Budgets' standing, in no range but now. */
    static final String BUDGETS = "budgets";
    /** Spend that broke a rule. */
    static final String ANOMALIES = "anomalies";
    /** All alerts. */
    static final String ALERTS = "alerts";
    /** Alerts of budgets alone. */
    static final String BUDGET_ALERTS = "budget_alerts";

    static final List<String> NAMES = List.of(BUDGETS, ANOMALIES, ALERTS, BUDGET_ALERTS);

    private static final int LATEST = 1_000;

    private final Journal journal;

    /** Something to mark on a graph. */
    record Mark(Instant from, Instant until, String title, String text, List<String> tags) {}

    JournalTables(Journal journal) {
        this.journal = journal;
    }

    Map<String, Object> table(String name, Optional<String> tenant, TimeRange range, Instant now) {
        if (name.equals(BUDGETS)) {
            return budgets(tenant, now);
        }
        List<Map<String, Object>> columns = new ArrayList<>(List.of(
                Frames.column("time", "time"),
                Frames.column("timeEnd", "time"),
                Frames.column("title", "string"),
                Frames.column("text", "string"),
                Frames.column("tags", "string")));
        List<List<Object>> rows = marks(name, tenant, range).stream()
                .map(mark -> Arrays.<Object>asList(
                        mark.from().toEpochMilli(),
                        mark.until().toEpochMilli(),
                        mark.title(),
                        mark.text(),
                        String.join(",", mark.tags())))
                .toList();
        return Frames.table(columns, rows);
    }

    private Map<String, Object> budgets(Optional<String> tenant, Instant now) {
        List<Map<String, Object>> columns = List.of(
                Frames.column("budget", "string"),
                Frames.column("tenant", "string"),
                Frames.column("period", "string"),
                Frames.column("spent", "number"),
                Frames.column("limit", "number"),
                Frames.column("unit", "string"),
                Frames.column("utilization_percent", "number"),
                Frames.column("hard", "boolean"));
        List<List<Object>> rows = journal.budgets(tenant, now).stream()
                .map(budget -> Arrays.<Object>asList(
                        budget.name(),
                        budget.tenant(),
                        budget.period(),
                        Frames.number(budget.spent()),
                        Frames.number(budget.limit()),
                        budget.limitTokens() == null ? "USD" : "tokens",
                        percent(budget.spent(), budget.limit()),
                        budget.hard()))
                .toList();
        return Frames.table(columns, rows);
    }

    private static Object percent(BigDecimal spent, BigDecimal limit) {
        return limit.signum() == 0
                ? null
                : Frames.number(spent.movePointRight(2).divide(limit, 2, RoundingMode.HALF_EVEN));
    }

    /** @param name one of {@link #NAMES}, without budgets */
    List<Mark> marks(String name, Optional<String> tenant, TimeRange range) {
        List<Mark> marks = new ArrayList<>();
        if (name.equals(ANOMALIES)) {
            journal.anomalies(tenant, LATEST).forEach(anomaly -> marks.add(mark(anomaly)));
        } else {
            journal.alerts(tenant, LATEST).stream()
                    .filter(alert -> name.equals(ALERTS) || alert.kind().startsWith("budget"))
                    .forEach(alert -> marks.add(mark(alert)));
        }
        return marks.stream()
                .filter(mark ->
                        mark.from().isBefore(range.until()) && !mark.until().isBefore(range.from()))
                .toList();
    }

    private static Mark mark(AnomalyRow anomaly) {
        Map<String, String> parts = new LinkedHashMap<>(anomaly.dimensions());
        parts.putIfAbsent("tenant", anomaly.tenant());
        return new Mark(
                anomaly.windowStart(),
                anomaly.windowEnd(),
                "Anomaly: " + anomaly.rule().replace('_', ' '),
                "$" + usd(anomaly.observedUsd()) + ", expected $" + usd(anomaly.expectedUsd()) + " ("
                        + String.join(", ", parts.values()) + ")",
                List.of("anomaly", anomaly.tenant()));
    }

    private static Mark mark(AlertRow alert) {
        return new Mark(
                alert.startsAt(),
                alert.updatedAt(),
                "Alert: " + alert.kind().replace('_', ' ') + ", " + alert.state(),
                alert.summary(),
                List.of("alert", alert.kind(), alert.severity(), alert.tenant()));
    }

    private static String usd(BigDecimal amount) {
        return amount.setScale(
                        Math.min(6, Math.max(2, amount.stripTrailingZeros().scale())), RoundingMode.HALF_EVEN)
                .toPlainString();
    }
}
