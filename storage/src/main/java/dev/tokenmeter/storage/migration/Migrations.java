package dev.tokenmeter.storage.migration;

import dev.tokenmeter.storage.clickhouse.ClickHouse;
import dev.tokenmeter.storage.clickhouse.ClickHouseConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies what is missing of the shipped migrations. Safe when several processes start at once. Blocking. */
public final class Migrations {
    private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);

    private final ClickHouseConfig config;
    private final Duration lockPatience;
    private final List<Migration> migrations;

    /** @param lockPatience age at which another process's lock counts as left behind by a crash */
    public Migrations(ClickHouseConfig config, Duration lockPatience) {
        this(config, lockPatience, Migration.shipped());
    }

    Migrations(ClickHouseConfig config, Duration lockPatience, List<Migration> migrations) {
        this.config = config;
        this.lockPatience = lockPatience;
        this.migrations = migrations;
    }

    /**
     * Creates the database if need be and applies what is missing.
     *
     * @return how many migrations were applied
     * @throws MigrationException if an applied migration differs from the shipped one
     * @throws SQLException if ClickHouse refuses or cannot be reached
     */
    public int run() throws SQLException, InterruptedException {
        createDatabase();
        try (ClickHouse clickHouse = new ClickHouse(config, 1, Map.of());
                Connection connection = clickHouse.open();
                MigrationLock lock = MigrationLock.acquire(connection, lockPatience)) {
            createHistory(connection);
            return apply(connection);
        }
    }

    private void createDatabase() throws SQLException {
        try (ClickHouse server = new ClickHouse(config.withDatabase("default"), 1, Map.of())) {
            execute(
                    server,
                    "CREATE DATABASE IF NOT EXISTS `" + config.database().replace("`", "\\`") + "`");
        }
    }

    private static void execute(ClickHouse server, String sql) throws SQLException {
        try (Connection connection = server.open()) {
            execute(connection, sql);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void createHistory(Connection connection) throws SQLException {
        execute(connection, """
                CREATE TABLE IF NOT EXISTS schema_migrations
                (
                    version UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
                )
                ENGINE = ReplacingMergeTree ORDER BY version""");
    }

    private int apply(Connection connection) throws SQLException {
        Map<Integer, String> applied = applied(connection);
        int count = 0;
        for (Migration migration : migrations) {
            String checksum = applied.remove(migration.version());
            if (checksum == null) {
                apply(connection, migration);
                count++;
            } else if (!checksum.equals(migration.checksum())) {
                throw changed(migration);
            }
        }
        if (!applied.isEmpty()) {
            LOG.warn("{} was migrated by a newer Tokenmeter (versions {})", config, applied.keySet());
        }
        return count;
    }

    private MigrationException changed(Migration migration) {
        return new MigrationException("migration " + migration.version() + " (" + migration.name()
                + ") was applied to " + config + " with another content than this build ships; migrations never"
                + " change once released: run the build that applied it, or restore the file");
    }

    private static Map<Integer, String> applied(Connection connection) throws SQLException {
        Map<Integer, String> applied = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT version, checksum FROM schema_migrations FINAL")) {
            while (rows.next()) {
                applied.put(rows.getInt(1), rows.getString(2));
            }
        }
        return applied;
    }

    private static void apply(Connection connection, Migration migration) throws SQLException {
        for (String statement : migration.statements()) {
            execute(connection, statement);
        }
        String sql = "INSERT INTO schema_migrations (version, name, checksum) VALUES (?, ?, ?)";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setInt(1, migration.version());
            insert.setString(2, migration.name());
            insert.setString(3, migration.checksum());
            insert.executeUpdate();
        }
        LOG.info("applied migration {} ({})", migration.version(), migration.name());
    }
}
