package dev.tokenmeter.queryapi.grafana;

import com.fasterxml.jackson.databind.node.DecimalNode;
import dev.tokenmeter.storage.query.Bucket;
import dev.tokenmeter.storage.query.Metric;
import dev.tokenmeter.storage.query.UsageAnswer;
import dev.tokenmeter.storage.query.UsageAnswer.Row;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers as Grafana draws them: series of {@code [value, epoch ms]}, and tables. Amounts are JSON numbers with all of their
 * digits here, as Grafana can only draw numbers. What is not known is null, a gap.
 */
final class Frames {
    private Frames() {}

    static List<Object> series(UsageAnswer answer) {
        Map<String, List<Object>> points = new LinkedHashMap<>();
        List<Metric> metrics = answer.query().metrics();
        for (Row row : answer.rows()) {
            long time = row.windowStart().toEpochMilli();
            for (int i = 0; i < metrics.size(); i++) {
                points.computeIfAbsent(name(metrics, i, row), key -> new ArrayList<>())
                        .add(pair(number(row.figures().get(i)), time));
            }
        }
        List<Object> series = new ArrayList<>();
        points.forEach((name, all) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("target", name);
            one.put("datapoints", all);
            series.add(one);
        });
        return series;
    }

    private static String name(List<Metric> metrics, int index, Row row) {
        String metric = metrics.get(index).name();
        if (row.dimensions().isEmpty()) {
            return metric;
        }
        String values =
                String.join(", ", row.dimensions().stream().map(Frames::shown).toList());
        return metrics.size() == 1 ? values : values + " " + metric;
    }

    static String shown(String value) {
        return value.isEmpty() ? "(none)" : value;
    }

    private static List<Object> pair(Object value, long time) {
        List<Object> pair = new ArrayList<>(2); // which may hold null
        pair.add(value);
        pair.add(time);
        return pair;
    }

    static Object table(UsageAnswer answer) {
        List<Map<String, Object>> columns = new ArrayList<>();
        if (answer.query().bucket() != Bucket.NONE) {
            columns.add(column("Time", "time"));
        }
        answer.query().groupBy().forEach(dimension -> columns.add(column(dimension.dimensionName(), "string")));
        answer.query().metrics().forEach(metric -> columns.add(column(metric.name(), "number")));
        List<Object> rows = new ArrayList<>();
        for (Row row : answer.rows()) {
            List<Object> cells = new ArrayList<>();
            if (row.windowStart() != null) {
                cells.add(row.windowStart().toEpochMilli());
            }
            cells.addAll(row.dimensions());
            row.figures().forEach(figure -> cells.add(number(figure)));
            rows.add(cells);
        }
        return table(columns, rows);
    }

    static Map<String, Object> table(List<Map<String, Object>> columns, List<?> rows) {
        Map<String, Object> table = new LinkedHashMap<>();
        table.put("type", "table");
        table.put("columns", columns);
        table.put("rows", rows);
        return table;
    }

    static Map<String, Object> column(String text, String type) {
        Map<String, Object> column = new LinkedHashMap<>();
        column.put("text", text);
        column.put("type", type);
        return column;
    }

    /** Written as a number, digit by digit. */
    static Object number(BigDecimal value) {
        if (value == null) {
            return null;
        }
        BigDecimal brief = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
        return DecimalNode.valueOf(brief.scale() < 0 ? brief.setScale(0) : brief);
    }
}
