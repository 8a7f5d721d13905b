package dev.tokenmeter.standalone.testkit;

import dev.tokenmeter.standalone.clickhouse.ClickHouseProcess;
import dev.tokenmeter.standalone.clickhouse.Credentials;
import dev.tokenmeter.standalone.clickhouse.EngineLibrary;
import dev.tokenmeter.standalone.kafka.EmbeddedKafka;
import dev.tokenmeter.standalone.registry.SchemaRegistry;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * A broker, a registry and a ClickHouse engine on free ports, with their data below one folder. Start it once per test
 * class, with a static {@code @TempDir}; it takes some three seconds. Start another on the same folder to see what a
 * restart keeps.
 */
public final class EmbeddedStack implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final EmbeddedKafka kafka;
    private final SchemaRegistry registry;
    private final ClickHouseProcess clickHouse;

    public EmbeddedStack(Path folder) throws Exception {
        try {
            clickHouse = push(new ClickHouseProcess(
                    EngineLibrary.find(Path.of(""), "run npm ci in standalone/engine"),
                    folder.resolve("clickhouse"),
                    0,
                    Credentials.DEFAULT));
            kafka = push(new EmbeddedKafka(folder.resolve("kafka"), 0, 0, Map.of()));
            registry = push(new SchemaRegistry(kafka.bootstrapServers(), LOOPBACK, 0));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private <T extends AutoCloseable> T push(T part) {
        started.push(part);
        return part;
    }

    public EmbeddedKafka kafka() {
        return kafka;
    }

    public SchemaRegistry registry() {
        return registry;
    }

    public ClickHouseProcess clickHouse() {
        return clickHouse;
    }

    /** Settings that every Kafka client with our serdes needs. */
    public Map<String, Object> clientSettings() {
        return Map.of("bootstrap.servers", kafka.bootstrapServers(), "schema.registry.url", registry.url());
    }

    /** Creates topics of one partition. */
    public void createTopics(String... names) throws InterruptedException, ExecutionException {
        List<NewTopic> topics = Arrays.stream(names)
                .map(name -> new NewTopic(name, Optional.of(1), Optional.empty()))
                .toList();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(topics).all().get();
        }
    }

    @Override
    public void close() throws Exception {
        while (!started.isEmpty()) {
            started.pop().close();
        }
    }
}
