package dev.tokenmeter.storage;

import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.ServiceFactory;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.storage.clickhouse.ClickHouseConfig;
import java.util.Set;

/** Makes the storage service of settings. */
public final class StorageServiceFactory implements ServiceFactory {
    @Override
    public String section() {
        return StorageService.NAME;
    }

    @Override
    public Set<String> sections() {
        return Set.of(StorageService.NAME, ClickHouseConfig.SECTION, "kafka");
    }

    @Override
    public int managementPort() {
        return 9103;
    }

    @Override
    public Service create(Settings settings, ServiceContext context) {
        return new StorageService(StorageConfig.from(settings), context);
    }
}
