package dev.tokenmeter.storage.clickhouse;

import com.clickhouse.client.api.ClickHouseException;
import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.ClientConfigProperties;
import com.clickhouse.client.api.DataStreamWriter;
import com.clickhouse.client.api.ServerException;
import com.clickhouse.client.api.insert.InsertResponse;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.client.api.metadata.TableSchema;
import com.clickhouse.data.ClickHouseFormat;
import com.clickhouse.jdbc.ConnectionImpl;
import com.clickhouse.jdbc.DataSourceImpl;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections to ClickHouse by its official JDBC driver, pooled. Nothing is contacted until the first {@link #open}.
 * Thread-safe; connections block, so they are for workers.
 */
public final class ClickHouse implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClickHouse.class);

    private final ClickHouseConfig config;
    private final HikariDataSource pool;

    /**
     * @param connections the most that are open at once
     * @param querySettings ClickHouse's settings for every statement, by name
     */
    public ClickHouse(ClickHouseConfig config, int connections, Map<String, String> querySettings) {
        this.config = config;
        this.pool = new HikariDataSource(poolConfig(config, connections, querySettings));
    }

    private static HikariConfig poolConfig(
            ClickHouseConfig config, int connections, Map<String, String> querySettings) {
        HikariConfig pool = new HikariConfig();
        pool.setPoolName("clickhouse-" + config.database());
        pool.setDataSource(new DataSourceImpl(jdbcUrl(config), properties(config, querySettings)));
        pool.setMaximumPoolSize(connections);
        pool.setMinimumIdle(0);
        pool.setConnectionTimeout(Math.max(250, config.connectTimeout().toMillis()));
        pool.setValidationTimeout(Math.max(250, config.connectTimeout().toMillis()));
        pool.setInitializationFailTimeout(-1);
        return pool;
    }

    private static String jdbcUrl(ClickHouseConfig config) {
        return "jdbc:clickhouse:" + config.url() + "/";
    }

    private static Properties properties(ClickHouseConfig config, Map<String, String> querySettings) {
        Properties properties = new Properties();
        properties.setProperty(ClientConfigProperties.USER.getKey(), config.user());
        properties.setProperty(ClientConfigProperties.PASSWORD.getKey(), config.password());
        properties.setProperty(ClientConfigProperties.DATABASE.getKey(), config.database());
        properties.setProperty(
                ClientConfigProperties.CONNECTION_TIMEOUT.getKey(),
                Long.toString(config.connectTimeout().toMillis()));
        properties.setProperty(
                ClientConfigProperties.SOCKET_OPERATION_TIMEOUT.getKey(),
                Long.toString(config.socketTimeout().toMillis()));
        // The callers retry with back-off and say so in health; the driver's silent retries would hide an outage.
        properties.setProperty(ClientConfigProperties.RETRY_ON_FAILURE.getKey(), "0");
        querySettings.forEach(
                (name, value) -> properties.setProperty(ClientConfigProperties.serverSetting(name), value));
        return properties;
    }

    /** A connection from the pool; closing gives it back. */
    public Connection open() throws SQLException {
        return pool.getConnection();
    }

    /** Fails unless ClickHouse answers and has our database. */
    public void ping() throws SQLException {
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1");
        }
    }

    /**
     * The types of a table's columns.
     *
     * @throws SQLException if ClickHouse does not answer, or has no such table or column
     */
    public TableSchema schemaOf(String table, List<String> columns) throws SQLException {
        String query = "SELECT " + String.join(", ", columns) + " FROM " + table;
        try (Connection connection = open()) {
            return clientOf(connection).getTableSchemaFromQuery(query);
        } catch (ClickHouseException e) {
            throw asSql(e);
        }
    }

    /**
     * Inserts rows as one block.
     *
     * @param rows writes them, one after the other, in the format {@code RowBinary}
     * @param deduplicationToken of two blocks with the same one, ClickHouse may drop the second
     */
    public void insertRowBinary(String table, List<String> columns, DataStreamWriter rows, String deduplicationToken)
            throws SQLException {
        InsertSettings settings = new InsertSettings().setDeduplicationToken(deduplicationToken);
        try (Connection connection = open();
                InsertResponse done = clientOf(connection)
                        .insert(table, columns, rows, ClickHouseFormat.RowBinary, settings)
                        .get()) {
            LOG.trace("{} rows into {}", done.getWrittenRows(), table);
        } catch (ClickHouseException e) {
            throw asSql(e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ClickHouseException failed ? asSql(failed) : new SQLException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", e);
        } catch (SQLException e) {
            throw e;
        } catch (Exception e) {
            throw new SQLException(e);
        }
    }

    private static Client clientOf(Connection connection) throws SQLException {
        return connection.unwrap(ConnectionImpl.class).getClient();
    }

    /** With ClickHouse's own error code, as its JDBC driver has it. */
    private static SQLException asSql(ClickHouseException e) {
        int code = e instanceof ServerException refusal ? refusal.getCode() : 0;
        return new SQLException(e.getMessage(), "", code, e);
    }

    /** Where it is, for messages; no password. */
    public ClickHouseConfig config() {
        return config;
    }

    @Override
    public void close() {
        pool.close();
    }
}
