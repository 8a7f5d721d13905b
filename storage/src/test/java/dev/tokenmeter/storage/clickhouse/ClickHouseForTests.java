package dev.tokenmeter.storage.clickhouse;

import dev.tokenmeter.service.Settings;
import dev.tokenmeter.storage.migration.Migrations;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/** The real ClickHouse engine for tests; each instance has a database of its own. */
public final class ClickHouseForTests implements AutoCloseable {
    private final ClickHouseConfig config;
    private final ClickHouse clickHouse;

    private ClickHouseForTests(ClickHouseConfig config) {
        this.config = config;
        this.clickHouse = new ClickHouse(config, 4, Map.of());
    }

    /** An empty database with all tables. */
    public static ClickHouseForTests migrated() throws Exception {
        ClickHouseForTests fresh = empty();
        new Migrations(fresh.config, Duration.ofMinutes(1)).run();
        return fresh;
    }

    /** No database yet. */
    public static ClickHouseForTests empty() {
        return empty(Engine.url());
    }

    /** No database yet, on a given engine. */
    public static ClickHouseForTests empty(String url) {
        String database = "test_" + UUID.randomUUID().toString().replace("-", "");
        Map<String, String> values = Map.of("clickhouse.url", url, "clickhouse.database", database);
        return new ClickHouseForTests(ClickHouseConfig.from(Settings.of(values)));
    }

    public ClickHouseConfig config() {
        return config;
    }

    public ClickHouse clickHouse() {
        return clickHouse;
    }

    public void execute(String sql) throws SQLException {
        try (Connection connection = clickHouse.open();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column of the first row. */
    public Object ask(String sql) throws SQLException {
        try (Connection connection = clickHouse.open();
                Statement statement = connection.createStatement();
                var result = statement.executeQuery(sql)) {
            result.next();
            return result.getObject(1);
        }
    }

    @Override
    public void close() throws Exception {
        try (ClickHouse server = new ClickHouse(config.withDatabase("default"), 1, Map.of());
                Connection connection = server.open();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + config.database());
        }
        clickHouse.close();
    }
}
