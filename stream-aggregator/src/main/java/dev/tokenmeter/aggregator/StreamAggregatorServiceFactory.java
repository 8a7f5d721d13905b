package dev.tokenmeter.aggregator;

import dev.tokenmeter.service.BudgetSettings;
import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.ServiceFactory;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.TenantSettings;
import dev.tokenmeter.service.streams.StreamsApp;
import java.util.Set;

/** Runs {@link AggregatorTopology}: usage events in; rollups, budget statuses and anomalies out. */
public final class StreamAggregatorServiceFactory implements ServiceFactory {
    /** For {@code standalone} and {@code main}. */
    public StreamAggregatorServiceFactory() {}

    @Override
    public String section() {
        return AggregatorConfig.SECTION;
    }

    @Override
    public Set<String> sections() {
        return Set.of(AggregatorConfig.SECTION, BudgetSettings.SECTION, TenantSettings.SECTION, "kafka");
    }

    @Override
    public int managementPort() {
        return 9102;
    }

    @Override
    public Service create(Settings settings, ServiceContext context) {
        AggregatorConfig config = AggregatorConfig.from(settings);
        AggregatorTopology topology = new AggregatorTopology(
                config,
                AggregatorSerdes.from(context.kafka()),
                context.meters(),
                context.kafka().trafficPartitions());
        return new StreamsApp(topology.build(), config.streams(), context);
    }
}
