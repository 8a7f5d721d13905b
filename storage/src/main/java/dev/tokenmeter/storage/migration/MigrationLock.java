package dev.tokenmeter.storage.migration;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one process migrate at a time. Creating a table is atomic in ClickHouse, so whoever creates {@code migration_lock}
 * holds the lock and drops it when done. A lock older than the patience was left by a process that died and is broken;
 * should two then run after all, the migrations' statements are repeatable and do no harm.
 */
final class MigrationLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MigrationLock.class);
    private static final int TABLE_ALREADY_EXISTS = 57;
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);

    private final Connection connection;

    private MigrationLock(Connection connection) {
        this.connection = connection;
    }

    /** Waits until the lock is ours. */
    static MigrationLock acquire(Connection connection, Duration patience) throws SQLException, InterruptedException {
        while (!create(connection)) {
            if (ageSeconds(connection) > patience.toSeconds()) {
                LOG.warn("breaking a migration lock older than {}: its holder must have died", patience);
                drop(connection);
            }
            Thread.sleep(BETWEEN_TRIES.toMillis());
        }
        return new MigrationLock(connection);
    }

    private static boolean create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE migration_lock (held UInt8) ENGINE = MergeTree ORDER BY held");
            return true;
        } catch (SQLException e) {
            if (e.getErrorCode() == TABLE_ALREADY_EXISTS) {
                return false;
            }
            throw e;
        }
    }

    private static long ageSeconds(Connection connection) throws SQLException {
        String sql = "SELECT dateDiff('second', metadata_modification_time, now()) FROM system.tables"
                + " WHERE database = currentDatabase() AND name = 'migration_lock'";
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getLong(1) : 0;
        }
    }

    private static void drop(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS migration_lock SYNC");
        }
    }

    @Override
    public void close() throws SQLException {
        drop(connection);
    }
}
