package dev.tokenmeter.benchmarks.throughput;

import dev.tokenmeter.aggregator.StreamAggregatorServiceFactory;
import dev.tokenmeter.service.RunningService;
import dev.tokenmeter.service.ServiceFactory;
import dev.tokenmeter.service.Settings;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** What runs in a process of its own: one of the two topologies. */
final class StreamsChild {
    private StreamsChild() {}

    static ServiceFactory factory(String name) {
        return name.equals(BareCount.NAME) ? new BareCount() : new StreamAggregatorServiceFactory();
    }

    static String applicationId(String name) {
        return "throughput-" + name;
    }

    /** @param args the service's name, Kafka's address, the registry's, the folder of state, how many partitions */
    public static void main(String[] args) throws Exception {
        ServiceFactory factory = factory(args[0]);
        RunningService service = RunningService.start(
                factory,
                Settings.of(Map.of(
                        "kafka.bootstrap.servers",
                        args[1],
                        "kafka.schema.registry.url",
                        args[2],
                        factory.section() + ".application.id",
                        applicationId(args[0]),
                        factory.section() + ".state.dir",
                        args[3],
                        factory.section() + ".management.port",
                        "0",
                        "kafka.topic-partitions",
                        args[4])));
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            service.close();
                            closed.countDown();
                        },
                        "shutdown"));
        System.out.println("READY " + service.managementPort());
        closed.await();
    }
}
