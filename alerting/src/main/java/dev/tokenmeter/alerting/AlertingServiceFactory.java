package dev.tokenmeter.alerting;

import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.ServiceFactory;
import dev.tokenmeter.service.Settings;
import java.util.Set;

/** Makes the {@link AlertingService} of settings. */
public final class AlertingServiceFactory implements ServiceFactory {
    /** For {@code standalone} and {@code main}. */
    public AlertingServiceFactory() {}

    @Override
    public String section() {
        return AlertingService.NAME;
    }

    @Override
    public Set<String> sections() {
        return Set.of(AlertingService.NAME, "kafka");
    }

    @Override
    public int managementPort() {
        return 9104;
    }

    @Override
    public Service create(Settings settings, ServiceContext context) {
        return new AlertingService(AlertingConfig.from(settings), context);
    }
}
