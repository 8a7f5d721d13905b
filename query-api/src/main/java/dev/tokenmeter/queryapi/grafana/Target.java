package dev.tokenmeter.queryapi.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.queryapi.access.Access;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.queryapi.usage.Asked;
import dev.tokenmeter.storage.query.Bucket;
import dev.tokenmeter.storage.query.Dimension;
import dev.tokenmeter.storage.query.Metric;
import dev.tokenmeter.storage.query.TimeRange;
import dev.tokenmeter.storage.query.UsageQuery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one query of a panel asks for. Its {@code target} is a name of {@link Metric#allowed()}, several with commas, or one of
 * {@link JournalTables#NAMES}; its {@code payload} says the rest.
 *
 * @param name as given
 * @param groupBy dimensions of series or rows
 * @param filters values that dimensions must have, the tenant among them
 * @param table whether rows are wanted; else series
 * @param bucket windows asked for, null to choose by the range
 * @param limit the most rows of a table
 */
record Target(
        String name, List<Dimension> groupBy, Map<Dimension, String> filters, boolean table, Bucket bucket, int limit) {
    private static final Set<String> PAYLOAD = Set.of("group_by", "tenant", "filter", "format", "granularity", "limit");
    private static final String ALL = "$__all";
    private static final int MAX_DIMENSIONS = 8;
    private static final int MAX_FILTERS = 20;
    private static final int DEFAULT_LIMIT = 1_000;
    private static final Duration BY_HOUR = Duration.ofDays(7);
    private static final Duration BY_DAY = Duration.ofDays(3 * 366);

    static Target of(JsonNode query, String at, Map<Dimension, String> adHoc, Access access) {
        String name = GrafanaBody.text(query, "target", at + ".target")
                .orElseThrow(() -> Problem.badParameter(at + ".target", "not given", names()));
        JsonNode payload = query.path("payload");
        payload.fieldNames().forEachRemaining(field -> {
            if (!PAYLOAD.contains(field)) {
                throw Problem.badParameter(at + ".payload." + field, "no such field", String.join(", ", PAYLOAD));
            }
        });
        String in = at + ".payload.";
        List<Dimension> groupBy = GrafanaBody.texts(payload, "group_by", in + "group_by").stream()
                .distinct()
                .map(dimension -> Asked.dimension(in + "group_by", dimension))
                .toList();
        if (groupBy.size() > MAX_DIMENSIONS) {
            throw Problem.badParameter(in + "group_by", "found " + groupBy.size(), "up to " + MAX_DIMENSIONS);
        }
        Map<Dimension, String> filters = new LinkedHashMap<>(adHoc);
        JsonNode filter = payload.path("filter");
        filter.fieldNames()
                .forEachRemaining(dimension -> GrafanaBody.text(filter, dimension, in + "filter." + dimension)
                        .filter(value -> !value.equals(ALL))
                        .ifPresent(value -> filters.put(Asked.dimension(in + "filter", dimension), value)));
        if (filters.size() > MAX_FILTERS) {
            throw Problem.badParameter(in + "filter", "found " + filters.size(), "up to " + MAX_FILTERS);
        }
        scope(filters, GrafanaBody.text(payload, "tenant", in + "tenant"), access);
        String format = GrafanaBody.text(payload, "format", in + "format")
                .or(() -> GrafanaBody.text(query, "type", at + ".type"))
                .orElse("");
        return new Target(
                name,
                groupBy,
                filters,
                format.equals("table"),
                bucket(GrafanaBody.text(payload, "granularity", in + "granularity"), in),
                limit(payload, in));
    }

    /** Puts the tenant among the filters to which the token limits, or that is asked for. */
    static void scope(Map<Dimension, String> filters, Optional<String> asked, Access access) {
        Optional<String> tenant = asked.filter(name -> !name.equals(ALL) && !name.equals(Asked.ALL_TENANTS))
                .or(() -> Optional.ofNullable(filters.get(Dimension.Field.TENANT)));
        access.scope(tenant).ifPresent(name -> filters.put(Dimension.Field.TENANT, name));
    }

    private static Bucket bucket(Optional<String> granularity, String in) {
        return granularity
                .filter(value -> !value.equals("auto"))
                .map(value -> {
                    for (Bucket bucket : Bucket.values()) {
                        if (bucket.name().toLowerCase(Locale.ROOT).equals(value)) {
                            return bucket;
                        }
                    }
                    throw Problem.badParameter(
                            in + "granularity", "found '" + value + "'", "auto, none, hour, day, month");
                })
                .orElse(null);
    }

    private static int limit(JsonNode payload, String in) {
        JsonNode limit = payload.path("limit");
        if (limit.isMissingNode() || limit.isNull()) {
            return DEFAULT_LIMIT;
        }
        int rows = limit.asInt();
        if (rows < 1 || rows > UsageQuery.MAX_ROWS) {
            throw Problem.badParameter(
                    in + "limit", "found " + limit, "a whole number from 1 to " + UsageQuery.MAX_ROWS);
        }
        return rows;
    }

    /** Whose, where it is of one. */
    Optional<String> tenant() {
        return Optional.ofNullable(filters.get(Dimension.Field.TENANT));
    }

    /** As a question; series need all of their points, tables are cut at their limit. */
    UsageQuery usage(TimeRange range, String at) {
        List<Metric> metrics = new ArrayList<>();
        for (String metric : name.split(",")) {
            metrics.add(Metric.named(metric.strip())
                    .orElseThrow(
                            () -> Problem.badParameter(at + ".target", "no metric '" + metric.strip() + "'", names())));
        }
        Bucket windows = bucket == null ? table ? Bucket.NONE : fitting(range) : bucket;
        if (!table && windows == Bucket.NONE) {
            throw Problem.badParameter(at + ".payload.granularity", "found none for series", "auto, hour, day, month");
        }
        return new UsageQuery(
                range, metrics, groupBy, filters, windows, List.of(), table ? limit : UsageQuery.MAX_ROWS);
    }

    private static Bucket fitting(TimeRange range) {
        Duration length = Duration.between(range.from(), range.until());
        return length.compareTo(BY_HOUR) <= 0 ? Bucket.HOUR : length.compareTo(BY_DAY) <= 0 ? Bucket.DAY : Bucket.MONTH;
    }

    /** For error messages. */
    static String names() {
        return String.join(", ", Metric.allowed()) + "; or " + String.join(", ", JournalTables.NAMES);
    }
}
