package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.PricingClass;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.storage.query.UsageAnswer.Source;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** A {@link QuantityQuery} as SQL; {@link QuantityRows} reads its columns. */
final class QuantitySql {
    /** Longer lists are left out, as the text of a statement has its bounds; the reader then skips what is too much. */
    private static final int MAX_LISTED = 2_000;

    private final QuantityQuery query;
    private final String group;
    private final boolean events;
    private final Sql sql = new Sql();
    private final List<String> keys = new ArrayList<>();

    private QuantitySql(QuantityQuery query, String group) {
        this.query = query;
        this.group = group;
        this.events = group == null;
    }

    /** @param group of rollups; null for events */
    static Sql of(QuantityQuery query, String group, int limit) {
        return new QuantitySql(query, group).build(limit);
    }

    private Sql build(int limit) {
        sql.add("SELECT ");
        if (query.windows() != Bucket.NONE) {
            key(query.windows().startMicros(time()), "w");
        }
        for (int i = 0; i < query.groupBy().size(); i++) {
            DimensionSql.add(sql, query.groupBy().get(i), source());
            sql.add(" AS d" + i + ", ");
            keys.add("d" + i);
        }
        tenant();
        column(Dimension.Field.PROVIDER, "provider_name");
        column(Dimension.Field.MODEL, "model_name");
        if (events) {
            eventClass();
        } else {
            sql.add("dimensions[?] AS class, ", PricingClass.DIMENSION);
            keys.add("class");
        }
        sums();
        from();
        filters();
        sql.add(" GROUP BY " + String.join(", ", keys));
        return sql.add(" LIMIT ?", limit + 1L);
    }

    private Source source() {
        return events ? Source.EVENTS : Source.ROLLUPS;
    }

    private String time() {
        return events ? "occurred_at" : "window_start";
    }

    private void key(String expression, String name) {
        sql.add(expression + " AS " + name + ", ");
        keys.add(name);
    }

    private void column(Dimension dimension, String name) {
        DimensionSql.add(sql, dimension, source());
        sql.add(" AS " + name + ", ");
        keys.add(name);
    }

    private void tenant() {
        if (query.tenantsApart().isEmpty()) {
            key("''", "payer");
        } else if (query.tenantsApart().size() > MAX_LISTED) {
            key("tenant", "payer");
        } else {
            sql.add("if(tenant IN (");
            String comma = "";
            for (String tenant : query.tenantsApart()) {
                sql.add(comma + "?", tenant);
                comma = ", ";
            }
            key("), tenant, '')", "payer");
        }
    }

    private void eventClass() {
        key("ifNull(service_tier, '')", "tier");
        key("ifNull(region, '')", "region_name");
        key("arrayCount(edge -> " + contextTokens() + " >= edge, " + numbers(query.contextEdges()) + ")", "context");
        List<String> bits = new ArrayList<>();
        for (TokenKind kind : TokenKind.values()) {
            bits.add("if(" + kind.field() + " != 0, " + (1 << kind.ordinal()) + ", 0)");
        }
        key(String.join(" + ", bits), "kinds");
        key(
                "arrayStringConcat(arraySort(arrayMap(unit -> hex(unit), arrayFilter(unit -> units[unit] != 0,"
                        + " mapKeys(units)))), ',')",
                "unit_names");
        if (!query.moments().isEmpty()) {
            List<Long> micros = query.moments().stream()
                    .map(moment -> ChronoUnit.MICROS.between(Instant.EPOCH, moment))
                    .toList();
            key("arrayCount(moment -> toUnixTimestamp64Micro(occurred_at) >= moment, " + numbers(micros) + ")", "era");
        }
    }

    private static String contextTokens() {
        return Arrays.stream(TokenKind.values())
                        .filter(TokenKind::isInput)
                        .map(TokenKind::field)
                        .collect(Collectors.joining(" + "))
                + UsageEvents.contextUnits().stream()
                        .sorted()
                        .map(unit -> " + toInt64(units['" + unit + "'])")
                        .collect(Collectors.joining());
    }

    private static String numbers(Collection<Long> numbers) {
        return "CAST([" + numbers.stream().map(String::valueOf).collect(Collectors.joining(", "))
                + "], 'Array(Int64)')";
    }

    private void sums() {
        for (TokenKind kind : TokenKind.values()) {
            sql.add("sum(" + kind.field() + ") AS sum_" + kind.field() + ", ");
        }
        sql.add("CAST(sumMap(units), 'Map(String, Decimal(38, 12))') AS sum_units, ");
        if (events) {
            sql.add("count() AS requests, countIf(" + Metric.METERED + ") AS metered, countIf(" + Metric.LACKS_USAGE
                    + ") AS unmetered, countIf(" + Metric.OWES_FEE + ") AS fees, "
                    + Metric.UNPRICED_REQUESTS.overEvents()
                    + " AS unpriced, " + Metric.KNOWN_COST_USD.overEvents() + " AS cost,"
                    + " toUnixTimestamp64Micro(min(occurred_at)) AS earliest,"
                    + " toUnixTimestamp64Micro(max(occurred_at)) + 1 AS ended,"
                    + " toUnixTimestamp64Micro(max(occurred_at)) AS latest");
        } else {
            sql.add("sum(usage_rollups.requests) AS requests, sum(metered_requests) AS metered,"
                    + " sum(unmetered_requests) AS unmetered, sum(fee_requests) AS fees,"
                    + " sum(unpriced_requests) AS unpriced, sum(cost_usd) AS cost,"
                    + " toUnixTimestamp64Micro(min(window_start)) AS earliest,"
                    + " toUnixTimestamp64Micro(max(window_end)) AS ended,"
                    + " toUnixTimestamp64Micro(max(last_occurred_at)) AS latest");
        }
    }

    private void from() {
        if (events) {
            sql.add(
                    " FROM usage_events FINAL WHERE occurred_at >= ?",
                    query.range().from());
            sql.add(" AND occurred_at < ?", query.range().until());
        } else {
            sql.add(" FROM usage_rollups FINAL WHERE dimension_group = ?", group);
            RollupWindows.add(sql, query.range(), query.windows());
        }
        if (query.part() != null) {
            part(query.part());
        }
    }

    private void part(QuantityQuery.Part part) {
        if (part.models().size() <= MAX_LISTED) {
            sql.add(" AND (");
            DimensionSql.add(sql, Dimension.Field.PROVIDER, source());
            sql.add(", ");
            DimensionSql.add(sql, Dimension.Field.MODEL, source());
            sql.add(") IN (");
            String comma = "";
            for (QuantityQuery.Model model : part.models()) {
                sql.add(comma + "(?", model.provider()).add(", ?)", model.name());
                comma = ", ";
            }
            sql.add(")");
        }
        if (part.bucket() != Bucket.NONE && part.starts().size() <= MAX_LISTED) {
            sql.add(" AND toDateTime(" + part.bucket().start(time()) + ", 'UTC') IN ("
                    + part.starts().stream()
                            .map(start -> "toDateTime(" + start.getEpochSecond() + ", 'UTC')")
                            .collect(Collectors.joining(", "))
                    + ")");
        }
    }

    private void filters() {
        query.filters().forEach((dimension, value) -> {
            sql.add(" AND ");
            DimensionSql.add(sql, dimension, source());
            sql.add(" = ?", value);
        });
    }
}
