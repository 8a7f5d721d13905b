package dev.tokenmeter.embedded.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClickHouseProcessTest {
    private static final int BATCH = 500;

    @TempDir
    Path dir;

    @Test
    void dataSurvivesARestart() throws Exception {
        try (ClickHouseProcess engine = Engine.start(dir);
                Connection connection = Engine.connect(engine, Map.of())) {
            createTable(connection);
            insert(connection, 0);
        }
        try (ClickHouseProcess engine = Engine.start(dir);
                Connection connection = Engine.connect(engine, Map.of())) {
            assertThat(Engine.one(connection, "SELECT count() FROM t")).isEqualTo(Integer.toString(BATCH));
        }
    }

    @Test
    void killedAmidInsertsItComesBackWithAllThatItAcknowledged() throws Exception {
        try (ClickHouseProcess engine = Engine.start(dir)) {
            try (Connection connection = Engine.connect(engine, Map.of())) {
                createTable(connection);
            }
            AtomicLong acknowledged = new AtomicLong();
            Thread writer = new Thread(() -> insertUntilItFails(engine, acknowledged));
            writer.start();
            await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.get() >= 5);
            engine.kill();
            writer.join(30_000);
            assertThat(writer.isAlive()).isFalse();

            await().atMost(Duration.ofSeconds(30)).until(() -> engine.restarts() == 1);
            try (Connection connection = Engine.connect(engine, Map.of())) {
                // Of the batch in flight all or nothing is there; every one before it is.
                long batches = Long.parseLong(Engine.one(connection, "SELECT uniqExact(batch) FROM t"));
                assertThat(batches).isBetween(acknowledged.get(), acknowledged.get() + 1);
                assertThat(Engine.one(connection, "SELECT count() FROM t")).isEqualTo(Long.toString(batches * BATCH));
            }
        }
    }

    @Test
    void insertsAndQueriesAtOnceKeepExactCounts() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (ClickHouseProcess engine = Engine.start(dir)) {
            try (Connection connection = Engine.connect(engine, Map.of())) {
                createTable(connection);
            }
            AtomicLong batches = new AtomicLong();
            long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                boolean writes = i < 2;
                running.add(threads.submit(() -> {
                    try (Connection connection = Engine.connect(engine, Map.of())) {
                        while (System.nanoTime() < end) {
                            if (writes) {
                                insert(connection, batches.incrementAndGet());
                            } else {
                                long rows = Long.parseLong(
                                        Engine.one(connection, "SELECT count() FROM t GROUP BY ALL WITH TOTALS"));
                                assertThat(rows % BATCH).isZero();
                            }
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
            try (Connection connection = Engine.connect(engine, Map.of())) {
                assertThat(Engine.one(connection, "SELECT count() FROM t"))
                        .isEqualTo(Long.toString(batches.get() * BATCH));
                assertThat(Engine.one(connection, "SELECT uniqExact(batch) FROM t"))
                        .isEqualTo(Long.toString(batches.get()));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void ctrlCInTheTerminalIsLeftToTheParent() throws Exception {
        try (ClickHouseProcess engine = Engine.start(dir);
                Connection connection = Engine.connect(engine, Map.of())) {
            for (String signal : new String[] {"-INT", "-HUP"}) {
                new ProcessBuilder("kill", signal, Long.toString(engine.pid()))
                        .start()
                        .waitFor();
            }
            Thread.sleep(500);
            assertThat(Engine.one(connection, "SELECT 1")).isEqualTo("1");
            assertThat(engine.restarts()).isZero();
        }
    }

    @Test
    void theEngineEndsWithItsParentHoweverThatDied() throws Exception {
        Process parent = EngineParent.start(dir);
        long engine = EngineParent.awaitEnginePid(parent);
        assertThat(ProcessHandle.of(engine)).isPresent();
        parent.destroyForcibly().waitFor();
        // gone, or a zombie that nobody reaps, which has no executable
        await().atMost(Duration.ofSeconds(60))
                .until(() -> ProcessHandle.of(engine)
                        .flatMap(process -> process.info().command())
                        .isEmpty());
        Engine.start(dir).close();
    }

    @Test
    void aSecondProcessOnTheSameDirectoryIsRefusedAndTheFirstIsNotHarmed() throws Exception {
        try (ClickHouseProcess first = Engine.start(dir)) {
            assertThatThrownBy(() -> Engine.start(dir).close())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(dir.toString());
            try (Connection connection = Engine.connect(first, Map.of())) {
                assertThat(Engine.one(connection, "SELECT 1")).isEqualTo("1");
            }
        }
    }

    @Test
    void aPasswordIsAskedForWhereOneIsSet() throws Exception {
        Credentials secret = new Credentials("meter", "s3cret");
        HttpClient http = HttpClient.newHttpClient();
        try (ClickHouseProcess engine = new ClickHouseProcess(Engine.library(), dir, 0, secret)) {
            URI query = URI.create(engine.url() + "/?query=SELECT%201");
            HttpResponse<String> refused =
                    http.send(HttpRequest.newBuilder(query).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.headers().firstValue("X-ClickHouse-Exception-Code"))
                    .contains("516");
            HttpRequest right = HttpRequest.newBuilder(query)
                    .header("X-ClickHouse-User", "meter")
                    .header("X-ClickHouse-Key", "s3cret")
                    .build();
            assertThat(http.send(right, HttpResponse.BodyHandlers.ofString()).body())
                    .isEqualTo("1\n");
            try (Connection connection = Engine.connect(engine, Map.of("user", "meter", "password", "s3cret"))) {
                assertThat(Engine.one(connection, "SELECT 1")).isEqualTo("1");
            }
        }
    }

    private static void createTable(Connection connection) throws SQLException {
        Engine.execute(connection, "CREATE TABLE t (batch UInt64, n UInt32) ENGINE = MergeTree ORDER BY batch");
    }

    private static void insert(Connection connection, long batch) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES (?, ?)")) {
            for (int n = 0; n < BATCH; n++) {
                insert.setLong(1, batch);
                insert.setInt(2, n);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static void insertUntilItFails(ClickHouseProcess engine, AtomicLong acknowledged) {
        try (Connection connection = Engine.connect(engine, Map.of())) {
            while (true) {
                insert(connection, acknowledged.get());
                acknowledged.incrementAndGet();
            }
        } catch (SQLException killed) {
            // What this thread was waiting for.
        }
    }
}
