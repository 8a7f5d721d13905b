package dev.tokenmeter.aggregator;

import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.streams.StreamsApp;

/** Runs {@link AggregatorTopology}: usage events in; rollups, budget statuses and anomalies out. */
public final class StreamAggregatorService implements Service {
    static final String NAME = "stream-aggregator";

    private final StreamsApp app;

    StreamAggregatorService(AggregatorConfig config, ServiceContext context) {
        AggregatorTopology topology = new AggregatorTopology(
                config,
                AggregatorSerdes.from(context.kafka()),
                context.meters(),
                context.kafka().trafficPartitions());
        this.app = new StreamsApp(topology.build(), config.streams(), context);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void start() throws InterruptedException {
        app.start();
    }

    @Override
    public void close() {
        app.close();
    }
}
