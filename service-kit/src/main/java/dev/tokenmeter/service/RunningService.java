package dev.tokenmeter.service;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/** A started service with its metrics, health and management port. Used by {@link ServiceMain} and by standalone. */
public final class RunningService implements AutoCloseable {
    private final Service service;
    private final ManagementServer management;
    private final Health health;

    private RunningService(Service service, ManagementServer management, Health health) {
        this.service = service;
        this.management = management;
        this.health = health;
    }

    /**
     * Makes the service, opens its management port, starts it.
     *
     * @param factory how the service is made of the settings
     */
    public static RunningService start(ServiceFactory factory, Settings settings) throws Exception {
        Health health = new Health();
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        ServiceContext context = new ServiceContext(KafkaSettings.from(settings), meters, health);
        Service service = factory.create(settings, context);
        AtomicBoolean started = new AtomicBoolean();
        health.readiness("start", () -> started.get() ? Health.Status.ok() : Health.Status.down("not finished"));
        ManagementServer management = managementServer(factory, settings, meters, health);
        try {
            service.start();
            started.set(true);
        } catch (Exception | Error e) {
            service.close();
            management.close();
            throw e;
        }
        return new RunningService(service, management, health);
    }

    private static ManagementServer managementServer(
            ServiceFactory factory, Settings settings, PrometheusMeterRegistry meters, Health health)
            throws IOException {
        String prefix = factory.section() + ".management.";
        String host = settings.string(prefix + "host", "127.0.0.1");
        int port = settings.port(prefix + "port", factory.managementPort());
        return new ManagementServer(host, port, prefix + "port", meters, health);
    }

    /** The service. */
    public Service service() {
        return service;
    }

    /** The port of {@code /metrics} and {@code /health}. */
    public int managementPort() {
        return management.port();
    }

    /** Whether all readiness checks pass now. */
    public boolean isReady() {
        return health.ready().values().stream().allMatch(Health.Status::up);
    }

    @Override
    public void close() {
        service.close();
        management.close();
    }
}
