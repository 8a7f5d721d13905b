package dev.tokenmeter.standalone.cli;

import dev.tokenmeter.service.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/**
 * Where Kafka, registry and ClickHouse are, as options of a command that uses them itself: those of the settings, or else
 * those of the {@code ./tokenmeter run} whose data folder is given. Blocking.
 */
final class Backends {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int KAFKA = 9092;
    private static final int REGISTRY = 8081;
    private static final int CLICKHOUSE = 8123;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings, YAML: the servers, and what the services were started with.")
    private Path config;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "data",
            description = "Data folder of a running ./tokenmeter, where the settings name no servers; default ./data.")
    private Path data;

    /** The settings, with the servers in them. */
    Settings settings() {
        Settings settings = Settings.load(config, System.getenv(), Map.of());
        return settings.withDefaults(embedded());
    }

    private Map<String, String> embedded() {
        int offset = portOffset();
        Map<String, String> servers = new HashMap<>(Map.of(
                "kafka.bootstrap.servers", LOOPBACK + ":" + (KAFKA + offset),
                "kafka.schema.registry.url", "http://" + LOOPBACK + ":" + (REGISTRY + offset),
                "clickhouse.url", "http://" + LOOPBACK + ":" + (CLICKHOUSE + offset)));
        String password = read("clickhouse.password");
        if (!password.isEmpty()) {
            servers.put("clickhouse.password", password);
        }
        return servers;
    }

    /** As the process that holds the folder wrote it into its lock: process id and offset. */
    private int portOffset() {
        String[] owner = read("tokenmeter.lock").strip().split(" ");
        return owner.length == 2 ? Integer.parseInt(owner[1]) : 0;
    }

    private String read(String name) {
        Path file = data.resolve(name);
        try {
            return Files.isReadable(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
