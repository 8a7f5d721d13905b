package dev.tokenmeter.storage.sink;

import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.sql.SQLException;
import java.util.List;

/** Inserts rows of one table as one block. */
final class RowInserter {
    private final ClickHouse clickHouse;

    RowInserter(ClickHouse clickHouse) {
        this.clickHouse = clickHouse;
    }

    /** Inserts all or, as far as anyone can tell afterwards, none. */
    void insert(List<SinkRow> rows) throws SQLException {
        SinkRow first = rows.get(0);
        clickHouse.insertRowBinary(
                first.table(),
                first.names(),
                out -> {
                    for (SinkRow row : rows) {
                        out.write(row.encoded());
                    }
                },
                DeduplicationToken.of(rows));
    }
}
