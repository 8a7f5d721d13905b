package dev.tokenmeter.alerting;

import dev.tokenmeter.alerting.deliver.Deliveries;
import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.topics.CompactedFollower;

/** What is silenced, the topology, which makes the topics, and then the deliveries. */
final class AlertingService implements Service {
    private final CompactedFollower<?> silences;
    private final Service topology;
    private final Deliveries deliveries;

    AlertingService(CompactedFollower<?> silences, Service topology, Deliveries deliveries) {
        this.silences = silences;
        this.topology = topology;
        this.deliveries = deliveries;
    }

    @Override
    public String name() {
        return topology.name();
    }

    @Override
    public void start() throws Exception {
        silences.start();
        topology.start();
        deliveries.start();
    }

    @Override
    public void close() {
        deliveries.close();
        topology.close();
        silences.close();
    }
}
