package dev.tokenmeter.storage.query;

import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** Runs statements and reads their rows. */
final class Rows {
    private final ClickHouse clickHouse;

    /** Reads the row that the result stands on. */
    interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    Rows(ClickHouse clickHouse) {
        this.clickHouse = clickHouse;
    }

    <T> List<T> of(Sql sql, Reader<T> reader) {
        try (Connection connection = clickHouse.open();
                PreparedStatement statement = sql.prepare(connection);
                ResultSet result = statement.executeQuery()) {
            List<T> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(reader.read(result));
            }
            return rows;
        } catch (SQLException e) {
            throw new QueryException(e);
        }
    }

    /** A column that holds micros since the epoch. */
    static Instant time(ResultSet row, String column) throws SQLException {
        return time(row.getLong(column));
    }

    static Instant time(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
