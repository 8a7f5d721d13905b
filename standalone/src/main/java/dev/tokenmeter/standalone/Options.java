package dev.tokenmeter.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options that every command of {@code ./tokenmeter} takes. */
final class Options {
    @Option(names = "--port-offset", paramLabel = "N", defaultValue = "0", description = "Added to every port.")
    int portOffset;

    @Option(names = "--data", paramLabel = "DIR", defaultValue = "data", description = "Where data is kept.")
    Path data;

    @Option(names = "--config", paramLabel = "FILE", description = "Settings, YAML.")
    Path config;

    /** Tells logging where to write, before anything logs; a folder that cannot be written is reported later. */
    void logBesideTheData() {
        Path logs = data.resolve("logs").toAbsolutePath();
        try {
            Files.createDirectories(logs);
            System.setProperty("tokenmeter.logs", logs.toString());
        } catch (IOException cannotBeWritten) {
            System.setProperty("tokenmeter.logs", System.getProperty("java.io.tmpdir"));
        }
    }

    Standalone standalone(Map<String, String> overrides) {
        return new Standalone(config, System.getenv(), data, portOffset, overrides, System.out);
    }
}
