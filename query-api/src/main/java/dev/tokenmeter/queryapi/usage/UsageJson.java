package dev.tokenmeter.queryapi.usage;

import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.storage.query.Metric;
import dev.tokenmeter.storage.query.UsageAnswer;
import dev.tokenmeter.storage.query.UsageAnswer.Row;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A {@link UsageAnswer} as JSON. */
final class UsageJson {
    private UsageJson() {}

    static ApiAnswer answer(UsageAnswer answer) {
        return ApiAnswer.data(rows(answer), meta(answer));
    }

    static List<Map<String, Object>> rows(UsageAnswer answer) {
        return answer.rows().stream().map(row -> row(answer, row)).toList();
    }

    static Map<String, Object> meta(UsageAnswer answer) {
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("from", answer.query().range().from());
        meta.put("to", answer.query().range().until());
        meta.put("source", answer.source().name().toLowerCase(Locale.ROOT));
        meta.put("as_of", answer.asOf());
        meta.put("truncated", answer.truncated());
        return meta;
    }

    private static Map<String, Object> row(UsageAnswer answer, Row row) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (row.windowStart() != null) {
            json.put("window_start", row.windowStart());
        }
        for (int i = 0; i < row.dimensions().size(); i++) {
            json.put(
                    answer.query().groupBy().get(i).dimensionName(),
                    row.dimensions().get(i));
        }
        for (int i = 0; i < row.figures().size(); i++) {
            Metric metric = answer.query().metrics().get(i);
            json.put(metric.name(), figure(metric, row.figures().get(i)));
        }
        return json;
    }

    private static Object figure(Metric metric, BigDecimal value) {
        if (value == null) {
            return null;
        }
        return switch (metric.unit()) {
            case USD -> value;
            case COUNT -> value.toBigIntegerExact();
            case MILLISECONDS -> value.doubleValue();
        };
    }
}
