package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What was used of each model on each UTC day, from rollups where they tell models apart. Thread-safe; blocking. */
public final class ModelDays {
    private static final TokenKind[] KINDS = TokenKind.values();
    private static final List<String> DIMENSIONS = Stream.of(
                    Dimension.Field.TENANT, Dimension.Field.PROVIDER, Dimension.Field.MODEL)
            .map(Dimension::dimensionName)
            .toList();
    private static final String TOKENS = Arrays.stream(KINDS)
            .map(kind -> "sum(" + kind.field() + ") AS t" + kind.ordinal())
            .collect(Collectors.joining(", "));
    private static final String ALL_TOKENS =
            Arrays.stream(KINDS).map(TokenKind::field).collect(Collectors.joining(" + "));
    private static final String PARTS = "sumMap(CAST(cost_parts, 'Map(String, Decimal(38, 12))')) AS parts";

    private final Rows rows;
    private final RollupCatalogue rollups;

    /**
     * A model's day.
     *
     * @param day midnight UTC at which it begins
     * @param costUsd known cost; 0 where none is
     * @param costParts the same by kind of token and by unit
     * @param pricedRequests calls that used something, or may have, and have a price
     * @param unpricedRequests those without one
     * @param tokens all kinds
     * @param notFinalTokens those of them that are not the provider's final figures: estimated, or of answers that broke off
     */
    public record ModelDay(
            Instant day,
            String provider,
            String model,
            BigDecimal costUsd,
            Map<String, BigDecimal> costParts,
            long requests,
            long pricedRequests,
            long unpricedRequests,
            Map<TokenKind, Long> tokens,
            long notFinalTokens) {
        /** Sum of what was sent. */
        public long inputTokens() {
            return sum(true);
        }

        /** Sum of what was produced. */
        public long outputTokens() {
            return sum(false);
        }

        private long sum(boolean input) {
            return tokens.entrySet().stream()
                    .filter(entry -> entry.getKey().isInput() == input)
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }

        private ModelDay withNotFinal(Long notFinal) {
            return notFinal == null
                    ? this
                    : new ModelDay(
                            day,
                            provider,
                            model,
                            costUsd,
                            costParts,
                            requests,
                            pricedRequests,
                            unpricedRequests,
                            tokens,
                            notFinal);
        }
    }

    private record Key(Instant day, String provider, String model) {}

    public ModelDays(ClickHouse clickHouse, RollupCatalogue rollups) {
        this.rows = new Rows(clickHouse);
        this.rollups = rollups;
    }

    /**
     * Every model that had calls, by day.
     *
     * @param range whole UTC days
     * @param tenant whose calls; empty for all
     * @param provider calls to which; empty for all
     * @throws IllegalArgumentException if the range does not begin and end at midnight UTC
     * @throws QueryException if ClickHouse does not answer
     */
    public List<ModelDay> of(TimeRange range, Optional<String> tenant, Optional<String> provider) {
        if (!range.isAlignedTo(Duration.ofDays(1))) {
            throw new IllegalArgumentException(range + " is not of whole days");
        }
        Optional<String> group = rollups.groupWith(DIMENSIONS, range);
        List<ModelDay> days = rows.of(
                group.map(name -> rollups(name, range, tenant, provider))
                        .orElseGet(() -> events(range, tenant, provider)),
                ModelDays::modelDay);
        Map<Key, Long> notFinal = notFinal(range, tenant, provider);
        return days.stream()
                .map(day -> day.withNotFinal(notFinal.get(new Key(day.day(), day.provider(), day.model()))))
                .toList();
    }

    private static Sql rollups(String group, TimeRange range, Optional<String> tenant, Optional<String> provider) {
        Sql sql = new Sql()
                .add("SELECT toUnixTimestamp64Micro(window_start) AS w, dimensions['provider'] AS p,"
                        + " dimensions['model'] AS m, sum(cost_usd) AS cost, " + PARTS
                        + ", sum(requests) AS calls, " + Metric.PRICED_REQUESTS.overRollups()
                        + " AS priced, sum(unpriced_requests) AS unpriced, " + TOKENS
                        + " FROM usage_rollups FINAL WHERE granularity = 'day'")
                .add(" AND dimension_group = ?", group)
                .add(" AND window_start >= ?", range.from())
                .add(" AND window_start < ?", range.until());
        tenant.ifPresent(name -> sql.add(" AND tenant = ?", name));
        provider.ifPresent(name -> sql.add(" AND dimensions['provider'] = ?", name));
        return sql.add(" GROUP BY w, p, m ORDER BY w, p, m");
    }

    private static Sql events(TimeRange range, Optional<String> tenant, Optional<String> provider) {
        Sql sql = new Sql()
                .add("SELECT " + Bucket.DAY.startMicros("occurred_at") + " AS w, provider AS p, model AS m, "
                        + Metric.KNOWN_COST_USD.overEvents() + " AS cost, " + PARTS + ", count() AS calls, "
                        + Metric.PRICED_REQUESTS.overEvents() + " AS priced, "
                        + Metric.UNPRICED_REQUESTS.overEvents() + " AS unpriced, " + TOKENS
                        + " FROM usage_events FINAL");
        where(sql, range, tenant, provider);
        return sql.add(" GROUP BY w, p, m ORDER BY w, p, m");
    }

    /** Rollups do not hold where figures come from. */
    private Map<Key, Long> notFinal(TimeRange range, Optional<String> tenant, Optional<String> provider) {
        Sql sql = new Sql()
                .add("SELECT " + Bucket.DAY.startMicros("occurred_at") + " AS w, provider AS p, model AS m, sum("
                        + ALL_TOKENS + ") AS not_final FROM usage_events FINAL");
        where(sql, range, tenant, provider);
        sql.add(" AND usage_source IN ('estimated', 'partial') GROUP BY w, p, m");
        Map<Key, Long> tokens = new HashMap<>();
        rows.of(sql, row -> tokens.put(key(row), row.getLong("not_final")));
        return tokens;
    }

    private static void where(Sql sql, TimeRange range, Optional<String> tenant, Optional<String> provider) {
        sql.add(" WHERE occurred_at >= ?", range.from()).add(" AND occurred_at < ?", range.until());
        tenant.ifPresent(name -> sql.add(" AND tenant = ?", name));
        provider.ifPresent(name -> sql.add(" AND provider = ?", name));
    }

    private static Key key(ResultSet row) throws SQLException {
        return new Key(Rows.time(row, "w"), row.getString("p"), row.getString("m"));
    }

    private static ModelDay modelDay(ResultSet row) throws SQLException {
        Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
        for (TokenKind kind : KINDS) {
            tokens.put(kind, row.getLong("t" + kind.ordinal()));
        }
        Map<String, BigDecimal> parts = new HashMap<>();
        ((Map<?, ?>) row.getObject("parts")).forEach((name, cost) -> parts.put((String) name, (BigDecimal) cost));
        Key key = key(row);
        return new ModelDay(
                key.day(),
                key.provider(),
                key.model(),
                row.getBigDecimal("cost"),
                parts,
                row.getLong("calls"),
                row.getLong("priced"),
                row.getLong("unpriced"),
                tokens,
                0);
    }
}
