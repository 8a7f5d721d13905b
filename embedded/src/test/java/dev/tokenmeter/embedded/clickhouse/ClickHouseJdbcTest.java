package dev.tokenmeter.embedded.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What storage does with ClickHouse, done with ClickHouse's own driver against the embedded engine. */
class ClickHouseJdbcTest {
    @TempDir
    static Path dir;

    private static ClickHouseProcess engine;

    @BeforeAll
    static void start() {
        engine = Engine.start(dir);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static Connection connect() throws SQLException {
        return Engine.connect(engine, Map.of());
    }

    @Test
    void theDriverFindsAServerThatIsWell() throws Exception {
        try (Connection connection = connect()) {
            assertThat(connection.isValid(5)).isTrue();
            assertThat(Engine.one(connection, "SELECT 1")).isEqualTo("1");
            assertThat(Engine.one(connection, "SELECT timezone()")).isEqualTo("UTC");
            assertThat(Engine.one(connection, "SELECT currentUser()")).isEqualTo("default");
            assertThat(Engine.one(connection, "SELECT version()")).startsWith("26.");
            assertThat(connection.getMetaData().getDatabaseProductVersion()).startsWith("26.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void aBatchOfEveryTypeThatWeUseComesBackAsItWent(String compress) throws Exception {
        String table = "types_" + compress;
        UUID id = UUID.randomUUID();
        LocalDateTime at = LocalDateTime.of(2026, 11, 23, 13, 15, 58, 123_456_000);
        BigDecimal cost = new BigDecimal("12345678901234567890123456.123456789012");
        Map<String, BigDecimal> parts =
                Map.of("uncached_input", new BigDecimal("0.000000000001"), "out'put\n\nx", new BigDecimal("-1.5"));
        Map<String, String> properties = Map.of("compress", compress, "decompress", compress);
        try (Connection connection = Engine.connect(engine, properties)) {
            Engine.execute(
                    connection,
                    "CREATE TABLE " + table + " (id UUID, at DateTime64(6, 'UTC'), cost Nullable(Decimal(38, 12)),"
                            + " parts Map(String, Decimal(38, 12)), tags Map(LowCardinality(String), String),"
                            + " tier Nullable(String), tokens UInt64, streamed Bool) ENGINE = MergeTree ORDER BY id");
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO " + table + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)")) {
                for (int i = 0; i < 3; i++) {
                    insert.setObject(1, i == 0 ? id : UUID.randomUUID());
                    insert.setObject(2, at.plusSeconds(i));
                    if (i == 2) {
                        insert.setNull(3, Types.DECIMAL);
                    } else {
                        insert.setBigDecimal(3, cost);
                    }
                    insert.setObject(4, parts);
                    insert.setObject(5, Map.of("team", "a'b\\c"));
                    insert.setString(6, i == 0 ? "a\n\nb" : null);
                    insert.setLong(7, i);
                    insert.setBoolean(8, i == 0);
                    insert.addBatch();
                }
                assertThat(insert.executeBatch()).hasSize(3);
            }
            assertThat(Engine.one(connection, "SELECT count() FROM " + table)).isEqualTo("3");
            assertThat(Engine.one(connection, "SELECT countIf(cost IS NULL) FROM " + table))
                    .isEqualTo("1");
            try (PreparedStatement select = connection.prepareStatement("SELECT * FROM " + table + " WHERE id = ?")) {
                select.setObject(1, id);
                try (ResultSet row = select.executeQuery()) {
                    assertThat(row.next()).isTrue();
                    assertThat(row.getObject("id")).isEqualTo(id);
                    assertThat(row.getObject("at", LocalDateTime.class)).isEqualTo(at);
                    assertThat(row.getBigDecimal("cost")).isEqualTo(cost);
                    assertThat((Map<?, ?>) row.getObject("tags")).isEqualTo(Map.of("team", "a'b\\c"));
                    Map<?, ?> read = (Map<?, ?>) row.getObject("parts");
                    assertThat((BigDecimal) read.get("uncached_input")).isEqualByComparingTo("0.000000000001");
                    assertThat((BigDecimal) read.get("out'put\n\nx")).isEqualByComparingTo("-1.5");
                    assertThat(row.getString("tier")).isEqualTo("a\n\nb");
                    assertThat(row.getBoolean("streamed")).isTrue();
                    assertThat(row.next()).isFalse();
                }
            }
        }
    }

    @Test
    void timestampsKeepTheirMicroseconds() throws Exception {
        Instant at = Instant.parse("2026-11-23T13:15:58.123456Z");
        try (Connection connection = connect()) {
            Engine.execute(
                    connection, "CREATE TABLE times (n UInt8, at DateTime64(6, 'UTC')) ENGINE = MergeTree ORDER BY n");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO times VALUES (?, ?)")) {
                insert.setInt(1, 1);
                insert.setObject(2, OffsetDateTime.ofInstant(at, ZoneOffset.UTC));
                insert.addBatch();
                insert.setInt(1, 2);
                insert.setObject(2, LocalDateTime.ofInstant(at, ZoneOffset.UTC));
                insert.addBatch();
                insert.setInt(1, 3);
                insert.setObject(2, at);
                insert.addBatch();
                insert.executeBatch();
            }
            assertThat(Engine.one(connection, "SELECT groupUniqArray(toUnixTimestamp64Micro(at))[1] FROM times"))
                    .isEqualTo(Long.toString(at.getEpochSecond() * 1_000_000 + 123_456));
            assertThat(Engine.one(connection, "SELECT uniqExact(at) FROM times"))
                    .isEqualTo("1");
            assertThat(Timestamp.from(at).getNanos()).isEqualTo(123_456_000);
        }
    }

    @Test
    void aReplacingTableReadWithFinalCountsARepeatedKeyOnce() throws Exception {
        try (Connection connection = connect()) {
            Engine.execute(
                    connection,
                    "CREATE TABLE replaced (id String, version UInt64, cost Decimal(38, 12))"
                            + " ENGINE = ReplacingMergeTree(version) ORDER BY id");
            for (int version = 1; version <= 3; version++) {
                Engine.execute(connection, "INSERT INTO replaced VALUES ('a', " + version + ", " + version + ".5)");
                Engine.execute(connection, "INSERT INTO replaced VALUES ('b', 1, 1)");
            }
            assertThat(Engine.one(connection, "SELECT count() FROM replaced FINAL"))
                    .isEqualTo("2");
            assertThat(new BigDecimal(Engine.one(connection, "SELECT sum(cost) FROM replaced FINAL")))
                    .isEqualByComparingTo("4.5");
        }
    }

    @Test
    void parametersAreBoundAndNotInterpreted() throws Exception {
        String hostile = "x' OR 1=1 -- \\ \n\n {a:String}";
        try (Connection connection = connect();
                PreparedStatement select =
                        connection.prepareStatement("SELECT ? AS s, toDecimal128(?, 12) AS d, ? IN (?, ?) AS i")) {
            select.setString(1, hostile);
            select.setString(2, "1.000000000001");
            select.setInt(3, 2);
            select.setInt(4, 1);
            select.setInt(5, 2);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                assertThat(row.getString("s")).isEqualTo(hostile);
                assertThat(row.getBigDecimal("d")).isEqualTo(new BigDecimal("1.000000000001"));
                assertThat(row.getBoolean("i")).isTrue();
            }
        }
    }

    @Test
    void aResultOfMillionsOfRowsArrivesWhole() throws Exception {
        try (Connection connection = connect();
                var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT number, toString(number) AS s FROM numbers(3000000)")) {
            long count = 0;
            long sum = 0;
            while (rows.next()) {
                sum += rows.getLong(1);
                count++;
            }
            assertThat(count).isEqualTo(3_000_000);
            assertThat(sum).isEqualTo(3_000_000L * 2_999_999 / 2);
        }
    }

    @Test
    void anErrorOnTheWayIsNotTakenForTheEndOfTheResult() throws Exception {
        try (Connection connection = connect();
                var statement = connection.createStatement()) {
            assertThatThrownBy(() -> {
                        try (ResultSet rows = statement.executeQuery(
                                "SELECT throwIf(number = 2500000), toString(number) FROM numbers(3000000)")) {
                            while (rows.next()) {
                                rows.getString(2);
                            }
                        }
                    })
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void anEmptyResultHasItsColumns() throws Exception {
        try (Connection connection = connect();
                var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT 1 AS one, 'x' AS two WHERE 0")) {
            assertThat(rows.getMetaData().getColumnCount()).isEqualTo(2);
            assertThat(rows.getMetaData().getColumnLabel(2)).isEqualTo("two");
            assertThat(rows.next()).isFalse();
        }
    }

    @Test
    void errorsCarryClickHousesCode() throws Exception {
        try (Connection connection = connect()) {
            assertThatThrownBy(() -> Engine.one(connection, "SELECT * FROM absent"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isEqualTo(60))
                    .hasMessageContaining("absent");
            assertThatThrownBy(() -> Engine.one(connection, "SELEC 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isEqualTo(62));
            assertThat(Engine.one(connection, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aSettingHoldsForItsStatementOnly() throws Exception {
        try (Connection limited = Engine.connect(engine, Map.of("clickhouse_setting_max_result_rows", "1"));
                Connection free = connect()) {
            assertThatThrownBy(() -> Engine.one(limited, "SELECT number FROM numbers(10)"))
                    .isInstanceOf(SQLException.class);
            assertThat(Engine.one(free, "SELECT count() FROM (SELECT number FROM numbers(10))"))
                    .isEqualTo("10");
        }
    }

    @Test
    void aStatementThatTakesTooLongIsStopped() throws Exception {
        try (Connection connection = Engine.connect(engine, Map.of("clickhouse_setting_max_execution_time", "1"))) {
            long begun = System.nanoTime();
            assertThatThrownBy(() -> Engine.one(connection, "SELECT sum(sipHash64(number)) FROM numbers(1e12)"))
                    .isInstanceOf(SQLTimeoutException.class);
            assertThat(System.nanoTime() - begun).isLessThan(10_000_000_000L);
        }
    }

    @Test
    void metadataNamesTablesAndColumns() throws Exception {
        try (Connection connection = connect()) {
            Engine.execute(
                    connection,
                    "CREATE TABLE described (a String, b Nullable(Decimal(38, 12))) ENGINE = MergeTree ORDER BY a");
            try (ResultSet columns = connection.getMetaData().getColumns(null, null, "described", "%")) {
                assertThat(columns.next()).isTrue();
                assertThat(columns.getString("COLUMN_NAME")).isEqualTo("a");
                assertThat(columns.next()).isTrue();
                assertThat(columns.getString("TYPE_NAME")).contains("Decimal");
            }
        }
    }
}
