package dev.tokenmeter.storage.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.storage.clickhouse.ClickHouseForTests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MigrationsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private final ClickHouseForTests db = ClickHouseForTests.empty();

    @AfterEach
    void dropDatabase() throws Exception {
        db.close();
    }

    @Test
    void createsDatabaseAndTablesAndASecondRunDoesNothing() throws Exception {
        assertThat(new Migrations(db.config(), PATIENCE).run())
                .isEqualTo(Migration.shipped().size());
        assertThat(new Migrations(db.config(), PATIENCE).run()).isZero();
        assertThat(db.ask("SELECT arrayStringConcat(arraySort(groupArray(name)), ' ') FROM system.tables"
                        + " WHERE database = currentDatabase()"))
                .isEqualTo(
                        "alerts anomalies budget_status provider_bill_lines provider_bills schema_migrations usage_corrections"
                                + " usage_corrections_of_events usage_events usage_rollups");
    }

    @Test
    void severalStartingAtOnceApplyEachMigrationOnce() throws Exception {
        // Not repeatable on purpose: a second application would fail.
        List<Migration> steps = List.of(
                new Migration(1, "make", "CREATE TABLE one (a UInt8) ENGINE = MergeTree ORDER BY a;\n"),
                new Migration(2, "grow", "ALTER TABLE one ADD COLUMN b UInt8;\n"));
        List<Callable<Integer>> starts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            starts.add(() -> new Migrations(db.config(), PATIENCE, steps).run());
        }
        var threads = Executors.newFixedThreadPool(starts.size());
        int applied = 0;
        for (Future<Integer> run : threads.invokeAll(starts)) {
            applied += run.get();
        }
        threads.shutdown();
        assertThat(applied).isEqualTo(2);
    }

    @Test
    void eventsThatMoveToAnotherTableAreAllThereWhereverTheMoveBrokeOff() throws Exception {
        Migration move = Migration.shipped().stream()
                .filter(migration -> migration.name().equals("corrections"))
                .findFirst()
                .orElseThrow();
        List<Migration> before = Migration.shipped().subList(0, move.version() - 1);
        for (int done = 0; done <= move.statements().size(); done++) {
            new Migrations(db.config(), PATIENCE, before).run();
            db.execute("INSERT INTO usage_events (event_id, occurred_at, tenant)"
                    + " SELECT generateUUIDv4(), '2026-11-01', 'acme' FROM numbers(1000)");
            for (String statement : move.statements().subList(0, done)) {
                db.execute(statement);
            }
            new Migrations(db.config(), PATIENCE).run();

            assertThat(db.ask("SELECT count() FROM usage_events FINAL").toString())
                    .as("broken off after %d statements", done)
                    .isEqualTo("1000");
            assertThat(db.ask("SELECT engine_full FROM system.tables WHERE database = currentDatabase()"
                                    + " AND name = 'usage_events'")
                            .toString())
                    .startsWith("ReplacingMergeTree(version)");
            db.execute("DROP DATABASE " + db.config().database());
        }
    }

    @Test
    void aLockLeftByACrashIsBroken() throws Exception {
        new Migrations(db.config(), PATIENCE).run();
        db.execute("CREATE TABLE migration_lock (held UInt8) ENGINE = MergeTree ORDER BY held");
        assertThat(new Migrations(db.config(), Duration.ofSeconds(1)).run()).isZero();
        assertThat(db.ask("EXISTS TABLE migration_lock").toString()).isEqualTo("0");
    }

    @Test
    void aChangedMigrationIsRefusedByName() throws Exception {
        new Migrations(db.config(), PATIENCE, List.of(new Migration(1, "first", "SELECT 1;"))).run();
        var changed = new Migrations(db.config(), PATIENCE, List.of(new Migration(1, "first", "SELECT 2;")));
        assertThatThrownBy(changed::run)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("migration 1 (first)");
        assertThat(db.ask("EXISTS TABLE migration_lock").toString()).isEqualTo("0");
    }

    @Test
    void everyFileIsListedInTheIndex() throws Exception {
        try (var files = Files.list(Path.of("src/main/resources/db/clickhouse"))) {
            long sqlFiles =
                    files.filter(file -> file.toString().endsWith(".sql")).count();
            assertThat(Migration.shipped()).hasSize((int) sqlFiles);
        }
        assertThat(Migration.shipped().stream().map(Migration::version))
                .isSorted()
                .doesNotHaveDuplicates();
    }
}
