package dev.tokenmeter.queryapi.reconcile;

import dev.tokenmeter.queryapi.http.JsonText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A reconciliation as JSON and as a table for spreadsheets. Differences are theirs less ours. */
final class ReconciliationTable {
    private final Reconciliation reconciliation;
    private final Grouping grouping;
    private final Tolerance tolerance;

    ReconciliationTable(Reconciliation reconciliation, Grouping grouping, Tolerance tolerance) {
        this.reconciliation = reconciliation;
        this.grouping = grouping;
        this.tolerance = tolerance;
    }

    List<Map<String, Object>> rows() {
        List<Map<String, Object>> rows = new ArrayList<>();
        reconciliation.rows().forEach((key, pair) -> rows.add(row(key, pair)));
        return rows;
    }

    private Map<String, Object> row(RowKey key, Pair pair) {
        Map<String, Object> row = new LinkedHashMap<>();
        if (grouping.day()) {
            row.put("day", key.day());
        }
        row.put("provider", key.provider());
        if (grouping.model()) {
            row.put("model", key.model().isEmpty() ? null : key.model());
            row.put("item", key.item().isEmpty() ? null : key.item());
        }
        figures(row, pair);
        Cause cause = Cause.of(key, pair, tolerance);
        row.put("unpriced_requests", pair.unpriced());
        row.put("estimated_percent", Cause.estimatedPercent(pair));
        row.put("other_amounts", pair.otherAmounts());
        row.put("cause", cause.label());
        row.put("explanation", cause.explanation(key, pair));
        return row;
    }

    private static void figures(Map<String, Object> row, Pair pair) {
        BigDecimal difference = pair.difference();
        row.put("our_cost_usd", pair.ourCost());
        row.put("their_cost_usd", pair.theirs().costUsd());
        row.put("difference_usd", difference);
        row.put("difference_percent", percent(difference, pair.ourCost()));
        row.put("our_input_tokens", pair.ours().input());
        row.put("their_input_tokens", pair.theirs().input());
        row.put("our_cached_input_tokens", pair.ours().cached());
        row.put("their_cached_input_tokens", pair.theirs().cached());
        row.put("our_output_tokens", pair.ours().output());
        row.put("their_output_tokens", pair.theirs().output());
        row.put("our_requests", pair.ours().requests());
        row.put("their_requests", pair.theirs().requests());
    }

    private static BigDecimal percent(BigDecimal difference, BigDecimal of) {
        return difference == null || of == null || of.signum() == 0
                ? null
                : difference.movePointRight(2).divide(of, 2, RoundingMode.HALF_EVEN);
    }

    /** The sums of all rows, how many there are of each cause, and what is in none. */
    Map<String, Object> meta() {
        Map<String, Object> total = new LinkedHashMap<>();
        figures(total, reconciliation.total());
        Map<String, Integer> causes = new TreeMap<>();
        reconciliation
                .rows()
                .forEach((key, pair) ->
                        causes.merge(Cause.of(key, pair, tolerance).label(), 1, Integer::sum));
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("total", total);
        meta.put("rows_by_cause", causes);
        meta.put("days_without_bill", reconciliation.daysWithoutBill());
        return meta;
    }

    /** With a header; amounts as in JSON, what is not stated is empty. */
    String csv() {
        StringBuilder table = new StringBuilder();
        List<Map<String, Object>> rows = rows();
        List<String> columns = new ArrayList<>(row(new RowKey(java.time.LocalDate.EPOCH, "", "", ""), Pair.NONE)
                .keySet());
        table.append(String.join(",", columns)).append("\r\n");
        for (Map<String, Object> row : rows) {
            table.append(String.join(
                            ",",
                            columns.stream().map(name -> cell(row.get(name))).toList()))
                    .append("\r\n");
        }
        return table.toString();
    }

    private static String cell(Object value) {
        String text = value == null
                ? ""
                : value instanceof BigDecimal amount
                        ? JsonText.amount(amount)
                        : value instanceof Map<?, ?> amounts ? amounts(amounts) : value.toString();
        boolean formula = !(value instanceof BigDecimal) && !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
        String safe = formula ? "'" + text : text;
        return safe.matches("(?s).*[\",\r\n].*") ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }

    private static String amounts(Map<?, ?> amounts) {
        List<String> all = new ArrayList<>();
        amounts.forEach((currency, amount) -> all.add(JsonText.amount((BigDecimal) amount) + " " + currency));
        return String.join(" ", all);
    }
}
