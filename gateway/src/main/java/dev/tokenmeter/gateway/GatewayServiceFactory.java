package dev.tokenmeter.gateway;

import dev.tokenmeter.pricefeed.PriceFeed;
import dev.tokenmeter.service.BudgetSettings;
import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.ServiceFactory;
import dev.tokenmeter.service.Settings;
import java.util.Set;

/** Makes the gateway of its settings. */
public final class GatewayServiceFactory implements ServiceFactory {
    @Override
    public String section() {
        return "gateway";
    }

    @Override
    public Set<String> sections() {
        return Set.of("gateway", BudgetSettings.SECTION, "providers", "pricing", "kafka");
    }

    @Override
    public int managementPort() {
        return 9101;
    }

    @Override
    public Service create(Settings settings, ServiceContext context) {
        return new GatewayService(GatewayConfig.from(settings), context, new PriceFeed(settings, context, section()));
    }
}
