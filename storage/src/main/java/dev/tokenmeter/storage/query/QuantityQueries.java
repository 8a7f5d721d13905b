package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.PricingClass;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import dev.tokenmeter.storage.query.UsageAnswer.Source;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Answers {@link QuantityQuery}. Thread-safe; blocking. */
public final class QuantityQueries {
    /** The most rows that are read for one question. */
    public static final int MAX_ROWS = 200_000;

    private static final TokenKind[] KINDS = TokenKind.values();

    /** There is more than {@value #MAX_ROWS} rows of it. */
    public static final class TooManyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManyException() {
            super("more than " + MAX_ROWS + " combinations");
        }
    }

    private final Rows rows;
    private final RollupCatalogue rollups;

    public QuantityQueries(ClickHouse clickHouse, RollupCatalogue rollups) {
        this.rows = new Rows(clickHouse);
        this.rollups = rollups;
    }

    /** The query as rollups can answer it: up to the end of the running hour where it ends now. Empty if only events can. */
    public Optional<QuantityQuery> overRollups(QuantityQuery query, Instant now) {
        TimeRange range = query.range().upToRunningHour(now);
        return RollupCatalogue.fits(range) && group(query).isPresent()
                ? Optional.of(query.within(range))
                : Optional.empty();
    }

    private Optional<String> group(QuantityQuery query) {
        Set<String> names = new HashSet<>(Set.of(
                Dimension.Field.PROVIDER.dimensionName(),
                Dimension.Field.MODEL.dimensionName(),
                PricingClass.DIMENSION));
        query.groupBy().forEach(dimension -> names.add(dimension.dimensionName()));
        query.filters().keySet().forEach(dimension -> names.add(dimension.dimensionName()));
        return rollups.groupWith(names, query.range());
    }

    /**
     * All that there is, in no order.
     *
     * @throws TooManyException if that is too much
     * @throws QueryException if ClickHouse does not answer
     */
    public List<Quantities> run(QuantityQuery query, Source source) {
        List<Quantities> found = rows.of(sql(query, source), result -> row(query, source, result));
        if (found.size() > MAX_ROWS) {
            throw new TooManyException();
        }
        // Without anything to group by, nothing is a row of its own.
        found.removeIf(row -> row.requests() == 0 && row.costUsd().signum() == 0);
        return found;
    }

    private Sql sql(QuantityQuery query, Source source) {
        String group = source == Source.EVENTS ? null : group(query).orElseThrow();
        return QuantitySql.of(query, group, MAX_ROWS);
    }

    private static Quantities row(QuantityQuery query, Source source, ResultSet result) throws SQLException {
        List<String> dimensions = new ArrayList<>(query.groupBy().size());
        for (int i = 0; i < query.groupBy().size(); i++) {
            dimensions.add(result.getString("d" + i));
        }
        return new Quantities(
                query.windows() == Bucket.NONE ? null : Rows.time(result, "w"),
                dimensions,
                Rows.time(result, "earliest"),
                Rows.time(result, "ended"),
                result.getString("payer"),
                new QuantityQuery.Model(result.getString("provider_name"), result.getString("model_name")),
                source == Source.EVENTS
                        ? eventClass(query.contextEdges(), result)
                        : PricingClass.parse(result.getString("class")).orElse(null),
                source == Source.EVENTS,
                result.getLong("requests"),
                result.getLong("metered"),
                result.getLong("unmetered"),
                result.getLong("fees"),
                result.getLong("unpriced"),
                tokens(result),
                units(result),
                result.getBigDecimal("cost"),
                Rows.time(result, "latest"));
    }

    private static PricingClass eventClass(List<Long> edges, ResultSet result) throws SQLException {
        int context = result.getInt("context");
        int kinds = result.getInt("kinds");
        Set<String> names = new HashSet<>();
        for (TokenKind kind : KINDS) {
            if ((kinds & 1 << kind.ordinal()) != 0) {
                names.add(kind.field());
            }
        }
        String units = result.getString("unit_names");
        for (String hex : units.isEmpty() ? List.<String>of() : List.of(units.split(","))) {
            names.add(new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8));
        }
        return new PricingClass(
                emptyAsNull(result.getString("tier")),
                emptyAsNull(result.getString("region_name")),
                context == 0 ? 0 : edges.get(context - 1),
                context == edges.size() ? Long.MAX_VALUE : edges.get(context),
                names);
    }

    private static String emptyAsNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static Map<TokenKind, Long> tokens(ResultSet result) throws SQLException {
        Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
        for (TokenKind kind : KINDS) {
            long count = result.getLong("sum_" + kind.field());
            if (count != 0) {
                tokens.put(kind, count);
            }
        }
        return tokens;
    }

    private static Map<String, BigDecimal> units(ResultSet result) throws SQLException {
        Map<String, BigDecimal> units = new HashMap<>();
        ((Map<?, ?>) result.getObject("sum_units")).forEach((name, sum) -> units.put((String) name, (BigDecimal) sum));
        return units;
    }
}
