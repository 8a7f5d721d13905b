package dev.tokenmeter.storage;

import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.TopicAdmin;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import dev.tokenmeter.storage.migration.Migrations;
import dev.tokenmeter.storage.sink.Sink;
import java.sql.SQLException;
import java.util.Map;

/** Migrates ClickHouse, then keeps it in step with the topics. */
public final class StorageService implements Service {
    static final String NAME = "storage";

    /** A block may hold rows of any months; the limit is meant for people who partition by mistake. */
    private static final Map<String, String> INSERT_SETTINGS = Map.of("max_partitions_per_insert_block", "0");

    private final StorageConfig config;
    private final ServiceContext context;
    private final ClickHouse clickHouse;
    private final Sink sink;

    /** Connects to nothing yet. */
    public StorageService(StorageConfig config, ServiceContext context) {
        this.config = config;
        this.context = context;
        this.clickHouse = new ClickHouse(config.clickHouse(), 2, INSERT_SETTINGS);
        this.sink = new Sink(context, clickHouse, config.sink());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void start() throws InterruptedException {
        TopicAdmin.ensureTopics(context.kafka());
        if (config.migrateOnStart()) {
            migrate();
        }
        sink.start();
    }

    private void migrate() throws InterruptedException {
        try {
            new Migrations(config.clickHouse(), config.migrationLockPatience()).run();
        } catch (SQLException e) {
            throw new SettingException(
                    "clickhouse.url",
                    config.clickHouse() + " could not be migrated (" + e.getMessage() + ")",
                    "a reachable ClickHouse whose user may create the database and its tables");
        }
    }

    @Override
    public void close() {
        sink.close();
        clickHouse.close();
    }
}
