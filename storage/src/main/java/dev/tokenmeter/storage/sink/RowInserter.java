package dev.tokenmeter.storage.sink;

import com.clickhouse.jdbc.StatementImpl;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;

/** Inserts rows of one table as one block. */
final class RowInserter {
    private final ClickHouse clickHouse;

    RowInserter(ClickHouse clickHouse) {
        this.clickHouse = clickHouse;
    }

    /** Inserts all or, as far as anyone can tell afterwards, none. */
    void insert(List<SinkRow> rows) throws SQLException {
        try (Connection connection = clickHouse.open();
                PreparedStatement insert = connection.prepareStatement(sql(rows.get(0)))) {
            insert.unwrap(StatementImpl.class)
                    .getLocalSettings()
                    .serverSetting("insert_deduplication_token", DeduplicationToken.of(rows));
            for (SinkRow row : rows) {
                row.columns().bind(insert);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static String sql(SinkRow row) {
        List<String> names = row.columns().names();
        String marks = String.join(", ", Collections.nCopies(names.size(), "?"));
        return "INSERT INTO " + row.table() + " (" + String.join(", ", names) + ") VALUES (" + marks + ")";
    }
}
