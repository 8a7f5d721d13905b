package dev.tokenmeter.embedded.clickhouse;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;

/** Starts engines for tests. */
final class Engine {
    private Engine() {}

    static EngineLibrary library() {
        return EngineLibrary.find(Path.of(""), "run npm ci in embedded/engine");
    }

    static ClickHouseProcess start(Path dir) {
        return new ClickHouseProcess(library(), dir, 0, Credentials.DEFAULT);
    }

    static Connection connect(ClickHouseProcess engine, Map<String, String> properties) throws SQLException {
        Properties all = new Properties();
        all.put("user", "default");
        all.put("password", "");
        all.putAll(properties);
        return DriverManager.getConnection(engine.jdbcUrl(), all);
    }

    static void execute(Connection connection, String... statements) throws SQLException {
        try (var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static String one(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
