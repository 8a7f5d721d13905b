package dev.tokenmeter.standalone;

import dev.tokenmeter.service.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;

/** Runs a command of the command line in this process. */
record Cli(int exit, String out) {
    static Cli run(Object command, String... args) {
        PrintStream stdout = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            CommandLine commandLine = new CommandLine(command);
            commandLine.setErr(new PrintWriter(out, true, StandardCharsets.UTF_8));
            int exit = commandLine.execute(args);
            return new Cli(exit, out.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(stdout);
        }
    }

    /** A settings file with the servers that a standalone started, and more. */
    static Path settings(RunningStandalone product, Map<String, String> more) throws IOException {
        Settings settings = product.standalone.settings();
        Map<String, String> values = new TreeMap<>(more);
        for (String key : new String[] {
            "kafka.bootstrap.servers", "kafka.schema.registry.url", "clickhouse.url", "clickhouse.password"
        }) {
            values.put(key, settings.required(key));
        }
        Path file = Files.createTempFile("tokenmeter", ".yaml");
        StringBuilder text = new StringBuilder();
        values.forEach(
                (key, value) -> text.append(key).append(": '").append(value).append("'\n"));
        return Files.writeString(file, text);
    }
}
