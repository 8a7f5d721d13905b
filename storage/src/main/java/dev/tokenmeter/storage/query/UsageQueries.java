package dev.tokenmeter.storage.query;

import dev.tokenmeter.storage.clickhouse.ClickHouse;
import dev.tokenmeter.storage.query.UsageAnswer.Row;
import dev.tokenmeter.storage.query.UsageAnswer.Source;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Answers {@link UsageQuery}, from rollups where they can answer exactly. Thread-safe; blocking. */
public final class UsageQueries {
    private final Rows rows;
    private final RollupCatalogue rollups;
    private final Clock clock;

    public UsageQueries(ClickHouse clickHouse, RollupCatalogue rollups, Clock clock) {
        this.rows = new Rows(clickHouse);
        this.rollups = rollups;
        this.clock = clock;
    }

    /** @throws QueryException if ClickHouse does not answer */
    public UsageAnswer run(UsageQuery query) {
        TimeRange range = query.range().upToRunningHour(clock.instant());
        Optional<String> group = RollupCatalogue.fits(range)
                ? rollups.groupWith(
                        query.dimensions().stream()
                                .map(Dimension::dimensionName)
                                .toList(),
                        range)
                : Optional.empty();
        return group.isEmpty()
                ? answer(query, UsageSql.overEvents(query), Source.EVENTS)
                : answer(query, UsageSql.overRollups(query.within(range), group.get()), Source.ROLLUPS);
    }

    private UsageAnswer answer(UsageQuery asked, Sql sql, Source source) {
        long[] latest = {0};
        List<Row> found = rows.of(sql, result -> {
            latest[0] = result.getLong("latest");
            return row(asked, result);
        });
        boolean truncated = found.size() > asked.limit();
        List<Row> shown = truncated ? found.subList(0, asked.limit()) : found;
        return new UsageAnswer(asked, shown, source, latest[0] == 0 ? null : Rows.time(latest[0]), truncated);
    }

    private static Row row(UsageQuery query, ResultSet result) throws SQLException {
        Instant window = query.bucket() == Bucket.NONE ? null : Rows.time(result, "w");
        List<String> dimensions = new ArrayList<>();
        for (int i = 0; i < query.groupBy().size(); i++) {
            dimensions.add(result.getString("d" + i));
        }
        List<BigDecimal> figures = new ArrayList<>();
        for (int i = 0; i < query.metrics().size(); i++) {
            figures.add(result.getBigDecimal("m" + i));
        }
        return new Row(window, dimensions, figures);
    }
}
