package dev.tokenmeter.storage;

import dev.tokenmeter.service.Settings;
import dev.tokenmeter.storage.clickhouse.ClickHouseConfig;
import dev.tokenmeter.storage.sink.SinkConfig;
import java.time.Duration;

/**
 * Settings of the storage service.
 *
 * @param migrateOnStart whether to bring the tables up to date before reading
 * @param migrationLockPatience age at which another process's migration lock counts as left behind by a crash
 */
public record StorageConfig(
        ClickHouseConfig clickHouse, SinkConfig sink, boolean migrateOnStart, Duration migrationLockPatience) {

    /** Reads {@code clickhouse.*} and {@code storage.*}. */
    public static StorageConfig from(Settings settings) {
        return new StorageConfig(
                ClickHouseConfig.from(settings),
                SinkConfig.from(settings),
                settings.bool("storage.migrate-on-start", true),
                settings.duration("storage.migration-lock-patience", Duration.ofMinutes(2)));
    }
}
