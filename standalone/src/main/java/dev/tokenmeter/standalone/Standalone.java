package dev.tokenmeter.standalone;

import dev.tokenmeter.aggregator.StreamAggregatorServiceFactory;
import dev.tokenmeter.alerting.AlertingServiceFactory;
import dev.tokenmeter.embedded.clickhouse.ClickHouseProcess;
import dev.tokenmeter.embedded.clickhouse.Credentials;
import dev.tokenmeter.embedded.clickhouse.EngineLibrary;
import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.embedded.registry.SchemaRegistry;
import dev.tokenmeter.gateway.GatewayServiceFactory;
import dev.tokenmeter.queryapi.QueryApiServiceFactory;
import dev.tokenmeter.service.RunningService;
import dev.tokenmeter.service.ServiceFactory;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.storage.StorageServiceFactory;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The embedded servers and, on them, the services, started in the order in which they need each other and stopped in the
 * reverse. Not thread-safe.
 */
public final class Standalone implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration READY_PATIENCE = Duration.ofSeconds(30);
    private static final Duration READY_POLL = Duration.ofMillis(20);
    private static final int STOP_SECONDS = 120;

    private final Path data;
    private final Ports ports;
    private final PrintStream progress;
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final CountDownLatch stopRequested = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private Settings settings;
    private ClickHouseProcess clickHouse;
    private EmbeddedKafka kafka;

    /**
     * @param config the user's settings file, or null
     * @param environment the user's environment
     * @param portOffset added to every default port
     * @param overrides settings that the command itself decides, such as the demo's providers
     * @param progress told what is being started
     */
    public Standalone(
            Path config,
            Map<String, String> environment,
            Path data,
            int portOffset,
            Map<String, String> overrides,
            PrintStream progress) {
        this.data = data.toAbsolutePath().normalize();
        this.ports = new Ports(portOffset);
        this.progress = progress;
        Map<String, String> decided = new HashMap<>(overrides);
        decided.putAll(embeddedServers());
        settings = Settings.load(config, environment, decided).withDefaults(defaults());
    }

    private Map<String, String> embeddedServers() {
        return Map.of(
                "kafka.bootstrap.servers", LOOPBACK + ":" + ports.kafka(),
                "kafka.schema.registry.url", "http://" + LOOPBACK + ":" + ports.registry(),
                "clickhouse.url", "http://" + LOOPBACK + ":" + ports.clickHouse());
    }

    private Map<String, String> defaults() {
        Map<String, String> defaults = new HashMap<>(ports.settings());
        defaults.put("gateway.outbox.dir", data.resolve("outbox").toString());
        defaults.put("stream-aggregator.state.dir", data.resolve("streams").toString());
        defaults.put("alerting.state.dir", data.resolve("streams").toString());
        defaults.put("kafka.topic-partitions", "2");
        return defaults;
    }

    /** Starts everything; returns when every service does its work. Call {@link #close} also when this fails. */
    public void start() throws Exception {
        DataFolder folder = DataFolder.lock(data, ports);
        started.push(folder);
        ports.requireFree();
        Credentials credentials = new Credentials(Credentials.DEFAULT.user(), EnginePassword.of(folder));
        settings = settings.withOverrides(
                Map.of("clickhouse.user", credentials.user(), "clickhouse.password", credentials.password()));
        EngineLibrary library = EngineLibrary.find(Path.of(""), "run ./tokenmeter setup");
        clickHouse = start(
                "ClickHouse",
                () -> new ClickHouseProcess(library, folder.resolve("clickhouse"), ports.clickHouse(), credentials));
        kafka = start("Kafka", () -> new EmbeddedKafka(folder.resolve("kafka"), ports.kafka(), 0, Map.of()));
        start("schema registry", () -> new SchemaRegistry(kafka.bootstrapServers(), LOOPBACK, ports.registry()));
        List<ServiceFactory> factories = List.of(
                new StorageServiceFactory(),
                new StreamAggregatorServiceFactory(),
                new AlertingServiceFactory(),
                new QueryApiServiceFactory(),
                new GatewayServiceFactory());
        for (ServiceFactory factory : factories) {
            start(factory.section(), () -> ready(RunningService.start(factory, settings)));
        }
        for (ServiceFactory factory : factories) {
            settings.rejectUnknown(factory.sections());
        }
    }

    /** A service that has started may still be reading its topics; who uses it now should not meet that. */
    private static RunningService ready(RunningService service) throws InterruptedException {
        long patience = System.nanoTime() + READY_PATIENCE.toNanos();
        while (!service.isReady() && System.nanoTime() < patience) {
            Thread.sleep(READY_POLL.toMillis());
        }
        return service;
    }

    private <T extends AutoCloseable> T start(String name, Callable<T> starter) throws Exception {
        progress.print("Starting " + name + " ... ");
        progress.flush();
        long begin = System.nanoTime();
        T part = starter.call();
        started.push(part);
        progress.printf("%.1f s%n", (System.nanoTime() - begin) / 1e9);
        return part;
    }

    /** What the services were given. */
    public Settings settings() {
        return settings;
    }

    /** Where all data is. */
    public Path dataFolder() {
        return data;
    }

    /** The gateway's base URL. */
    public URI gateway() {
        return http(settings.port("gateway.port", ports.gateway()));
    }

    /** Base URL of REST API and dashboard. */
    public URI queryApi() {
        return http(settings.port("query-api.port", ports.queryApi()));
    }

    /** The embedded ClickHouse; null before {@link #start}. */
    public ClickHouseProcess clickHouse() {
        return clickHouse;
    }

    private static URI http(int port) {
        return URI.create("http://" + LOOPBACK + ":" + port);
    }

    /** Returns when the process is told to stop; the process then waits for {@link #close} to end. */
    public void awaitStop() throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(this::requestStop, "stop"));
        stopRequested.await();
        progress.println("Stopping ...");
    }

    private void requestStop() {
        stopRequested.countDown();
        try {
            if (!closed.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                progress.println("Gave up waiting after " + STOP_SECONDS + " s.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        while (!started.isEmpty()) {
            AutoCloseable part = started.pop();
            try {
                part.close();
            } catch (Exception e) {
                progress.println("While stopping: " + e.getMessage());
            }
        }
        if (stopRequested.getCount() == 0) {
            progress.println("Stopped; the data is in " + data);
        }
        closed.countDown();
    }
}
