package dev.tokenmeter.queryapi;

import dev.tokenmeter.pricefeed.PriceFeed;
import dev.tokenmeter.service.BudgetSettings;
import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.ServiceFactory;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.storage.clickhouse.ClickHouseConfig;
import java.util.Set;

/** Makes the query API of settings. */
public final class QueryApiServiceFactory implements ServiceFactory {
    @Override
    public String section() {
        return QueryApiService.NAME;
    }

    @Override
    public Set<String> sections() {
        return Set.of(QueryApiService.NAME, BudgetSettings.SECTION, ClickHouseConfig.SECTION, "pricing", "kafka");
    }

    @Override
    public int managementPort() {
        return 9105;
    }

    @Override
    public Service create(Settings settings, ServiceContext context) {
        return new QueryApiService(
                QueryApiConfig.from(settings), context, new PriceFeed(settings, context, QueryApiService.NAME));
    }
}
