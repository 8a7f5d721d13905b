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
        UsageQuery rewritten = rollups.rewritten(query, clock.instant());
        return rewritten == null ? answer(query, query, Source.EVENTS) : answer(query, rewritten, Source.ROLLUPS);
    }

    private UsageAnswer answer(UsageQuery asked, UsageQuery run, Source source) {
        long[] latest = {0};
        List<Row> found = rows.of(UsageSql.of(run, source), result -> {
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
