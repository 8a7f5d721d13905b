package dev.tokenmeter.aggregator;

import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.ServiceFactory;
import dev.tokenmeter.service.Settings;
import java.util.Set;

/** Makes the {@link StreamAggregatorService} of settings. */
public final class StreamAggregatorServiceFactory implements ServiceFactory {
    /** For {@code standalone} and {@code main}. */
    public StreamAggregatorServiceFactory() {}

    @Override
    public String section() {
        return StreamAggregatorService.NAME;
    }

    @Override
    public Set<String> sections() {
        return Set.of(StreamAggregatorService.NAME, "kafka");
    }

    @Override
    public int managementPort() {
        return 9102;
    }

    @Override
    public Service create(Settings settings, ServiceContext context) {
        return new StreamAggregatorService(AggregatorConfig.from(settings), context);
    }
}
