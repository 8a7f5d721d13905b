package dev.tokenmeter.storage.query;

import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * From which time on rollups are what the settings say of them. A group that was added later than others holds nothing of
 * before; one whose dimensions were changed has rows of both kinds, and to sum them would count calls twice, or lose them.
 * What lies before is for others to answer. Looks at the rows of days, and of the other windows at where they begin; again
 * after a minute. Thread-safe; blocking.
 */
final class RollupCoverage {
    private static final long LOOK_AGAIN_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long LOOK_AGAIN_AFTER_NO_NANOS = Duration.ofSeconds(2).toNanos();
    private static final Duration DAY = Duration.ofDays(1);
    private static final String TENANT = "tenant";

    private final Rows rows;
    private final Map<String, Set<String>> groups;
    private final LongSupplier nanoTime;
    private Known known;

    private record Key(String group, String granularity) {}

    /**
     * What was seen.
     *
     * @param nothing whether there are no rollups yet, of which nothing could be said
     * @param since by group and granularity; an instant before all others where it is always so
     */
    private record Known(boolean nothing, Map<Key, Instant> since, long atNanos) {
        boolean holds(Key key, Instant from) {
            return nothing || !from.isBefore(since.getOrDefault(key, Instant.MAX));
        }
    }

    /**
     * Looks at nothing yet.
     *
     * @param groups names of dimensions by group
     */
    RollupCoverage(ClickHouse clickHouse, Map<String, Set<String>> groups, LongSupplier nanoTime) {
        this.rows = new Rows(clickHouse);
        this.groups = Map.copyOf(groups);
        this.nanoTime = nanoTime;
    }

    /**
     * Whether windows that begin then or later are what the settings say.
     *
     * @throws QueryException if ClickHouse does not answer
     */
    synchronized boolean holds(String group, String granularity, Instant from) {
        Key key = new Key(group, granularity);
        boolean held = known(LOOK_AGAIN_NANOS).holds(key, from);
        return held || known(LOOK_AGAIN_AFTER_NO_NANOS).holds(key, from);
    }

    private Known known(long patienceNanos) {
        if (known == null || nanoTime.getAsLong() - known.atNanos > patienceNanos) {
            known = look();
        }
        return known;
    }

    private Known look() {
        Map<Key, Instant> first = new HashMap<>();
        rows.of(
                new Sql()
                        .add(
                                "SELECT dimension_group AS g, granularity AS p, toUnixTimestamp64Micro(min(window_start)) AS w"
                                        + " FROM usage_rollups GROUP BY g, p"),
                row -> first.put(new Key(row.getString("g"), row.getString("p")), Rows.time(row, "w")));
        Map<String, Instant> mixedUntil = mixedUntil();
        Instant beginning = first.get(new Key(TENANT, "day"));
        Map<Key, Instant> since = new HashMap<>();
        first.forEach((key, start) -> {
            // Of the day in which it begins it may hold a part.
            boolean always =
                    beginning == null || !start.isAfter(beginning.plus(DAY).minusNanos(1));
            Instant held =
                    always ? Instant.MIN : start.truncatedTo(ChronoUnit.DAYS).plus(DAY);
            Instant mixed = mixedUntil.getOrDefault(key.group(), Instant.MIN);
            since.put(key, held.isAfter(mixed) ? held : mixed);
        });
        return new Known(beginning == null, since, nanoTime.getAsLong());
    }

    /** The ends of the last days that have rows with other dimensions than the group has now. */
    private Map<String, Instant> mixedUntil() {
        Sql sql = new Sql()
                .add("SELECT dimension_group AS g, toUnixTimestamp64Micro(max(window_end)) AS w FROM usage_rollups"
                        + " WHERE granularity = 'day' AND (1 = 0");
        groups.forEach((group, names) -> {
            sql.add(" OR (dimension_group = ?", group).add(" AND arraySort(mapKeys(dimensions)) != [");
            List<String> sorted = List.copyOf(new TreeSet<>(names));
            for (int i = 0; i < sorted.size(); i++) {
                sql.add(i == 0 ? "?" : ", ?", sorted.get(i));
            }
            sql.add("])");
        });
        sql.add(") GROUP BY g");
        Map<String, Instant> until = new HashMap<>();
        rows.of(sql, row -> until.put(row.getString("g"), Rows.time(row, "w")));
        return until;
    }
}
