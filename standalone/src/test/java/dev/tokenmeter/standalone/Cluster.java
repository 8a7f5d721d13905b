package dev.tokenmeter.standalone;

import dev.tokenmeter.aggregator.StreamAggregatorMain;
import dev.tokenmeter.embedded.clickhouse.ClickHouseProcess;
import dev.tokenmeter.embedded.clickhouse.Credentials;
import dev.tokenmeter.embedded.clickhouse.EngineLibrary;
import dev.tokenmeter.embedded.kafka.ClusterMember;
import dev.tokenmeter.embedded.kafka.KafkaBrokerMain;
import dev.tokenmeter.embedded.registry.SchemaRegistry;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.RunningService;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.storage.StorageServiceFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** Three brokers and any number of aggregators, each a process that can be killed; registry, engine and sink beside them. */
final class Cluster implements AutoCloseable {
    private static final int PARTITIONS = 6;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Path folder;
    private final String clusterId = ClusterMember.newClusterId();
    private final Map<Integer, Integer> controllers = new TreeMap<>();
    private final Map<Integer, Integer> ports = new TreeMap<>();
    private final Map<Integer, Process> brokers = new TreeMap<>();
    private final Map<String, Process> aggregators = new TreeMap<>();
    private final Map<String, Integer> managementPorts = new HashMap<>();
    private SchemaRegistry registry;
    private ClickHouseProcess clickHouse;
    private RunningService sink;

    Cluster(Path folder) throws Exception {
        this.folder = folder;
        for (int node = 1; node <= 3; node++) {
            controllers.put(node, freePort());
            ports.put(node, freePort());
        }
        try {
            for (int node = 1; node <= 3; node++) {
                startBroker(node);
            }
            registry = new SchemaRegistry(bootstrapServers(), "127.0.0.1", 0);
            clickHouse = new ClickHouseProcess(
                    EngineLibrary.find(Path.of(""), "run ./tokenmeter setup"),
                    folder.resolve("clickhouse"),
                    0,
                    Credentials.DEFAULT);
            sink = RunningService.start(new StorageServiceFactory(), settings());
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    void startBroker(int node) throws IOException {
        String all = controllers.entrySet().stream()
                .map(member -> member.getKey() + ":" + member.getValue())
                .collect(Collectors.joining(","));
        brokers.put(
                node,
                child("broker-" + node, KafkaBrokerMain.class)
                        .args(
                                "--data",
                                folder.resolve("kafka-" + node).toString(),
                                "--port",
                                ports.get(node).toString(),
                                "--node-id",
                                Integer.toString(node),
                                "--cluster-id",
                                clusterId,
                                "--controllers",
                                all)
                        .start(Map.of()));
    }

    void startAggregator(String name) throws IOException {
        int management = freePort();
        managementPorts.put(name, management);
        aggregators.put(
                name,
                child("aggregator-" + name, StreamAggregatorMain.class)
                        .start(Map.of(
                                "TOKENMETER_KAFKA_BOOTSTRAP_SERVERS", bootstrapServers(),
                                "TOKENMETER_KAFKA_SCHEMA_REGISTRY_URL", registry.url(),
                                "TOKENMETER_KAFKA_TOPIC_PARTITIONS", Integer.toString(PARTITIONS),
                                "TOKENMETER_STREAM_AGGREGATOR_NUM_STANDBY_REPLICAS", "1",
                                "TOKENMETER_STREAM_AGGREGATOR_STATE_DIR",
                                        folder.resolve("state-" + name).toString(),
                                "TOKENMETER_STREAM_AGGREGATOR_MANAGEMENT_PORT", Integer.toString(management))));
    }

    boolean isReady(String aggregator) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + managementPorts.get(aggregator) + "/health/ready");
        return HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                        .statusCode()
                == 200;
    }

    void killBroker(int node) throws InterruptedException {
        brokers.get(node).destroyForcibly().waitFor();
    }

    void killAggregator(String name) throws InterruptedException {
        aggregators.get(name).destroyForcibly().waitFor();
    }

    Settings settings() {
        return Settings.of(Map.of(
                "kafka.bootstrap.servers", bootstrapServers(),
                "kafka.schema.registry.url", registry.url(),
                "kafka.topic-partitions", Integer.toString(PARTITIONS),
                "clickhouse.url", clickHouse.url(),
                "storage.management.port", "0"));
    }

    KafkaSettings clients() {
        return KafkaSettings.from(settings());
    }

    private String bootstrapServers() {
        return ports.values().stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    /** Below the range from which the system gives ports to connections. */
    private static int freePort() throws IOException {
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(11_000, 31_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                continue;
            }
        }
        throw new IOException("no free port");
    }

    private static Child child(String name, Class<?> main) {
        return new Child(name, main, List.of());
    }

    private record Child(String name, Class<?> main, List<String> arguments) {
        Child args(String... args) {
            return new Child(name, main, List.of(args));
        }

        /** Its standard input stays open as long as this process lives. */
        Process start(Map<String, String> environment) throws IOException {
            ProcessBuilder builder = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    main.getName());
            builder.command().addAll(arguments);
            builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
            builder.environment().putAll(environment);
            return builder.redirectErrorStream(true)
                    .redirectOutput(
                            Path.of("target", "cluster-" + name + ".log").toFile())
                    .start();
        }
    }

    @Override
    public void close() {
        aggregators.values().forEach(Process::destroyForcibly);
        if (sink != null) {
            sink.close();
        }
        if (clickHouse != null) {
            clickHouse.close();
        }
        if (registry != null) {
            registry.close();
        }
        brokers.values().forEach(Process::destroyForcibly);
    }
}
