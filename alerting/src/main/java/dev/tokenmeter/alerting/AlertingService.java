package dev.tokenmeter.alerting;

import dev.tokenmeter.alerting.deliver.Deliveries;
import dev.tokenmeter.service.Service;

/** The topology, which makes the topics, and then the deliveries. */
final class AlertingService implements Service {
    private final Service topology;
    private final Deliveries deliveries;

    AlertingService(Service topology, Deliveries deliveries) {
        this.topology = topology;
        this.deliveries = deliveries;
    }

    @Override
    public String name() {
        return topology.name();
    }

    @Override
    public void start() throws Exception {
        topology.start();
        deliveries.start();
    }

    @Override
    public void close() {
        deliveries.close();
        topology.close();
    }
}
