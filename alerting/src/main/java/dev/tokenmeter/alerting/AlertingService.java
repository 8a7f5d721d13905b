package dev.tokenmeter.alerting;

import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.streams.StreamsApp;

/** Runs {@link AlertingTopology}: budget statuses and anomalies in; alerts out, to the topic and to people. */
public final class AlertingService implements Service {
    static final String NAME = "alerting";

    private final StreamsApp app;

    AlertingService(AlertingConfig config, ServiceContext context) {
        AlertingTopology topology =
                new AlertingTopology(config, AlertingSerdes.from(context.kafka()), new LogChannel(), context.meters());
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
