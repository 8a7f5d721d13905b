package dev.tokenmeter.benchmarks.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a process's CPU time goes to, by async-profiler's samples: each counts for the innermost frame that one of our labels
 * knows, so that a library's work counts for the library and not for whoever called it.
 */
final class Profile {
    private static final Map<String, String> LABELS = labels();

    private final Path agent;
    private final Path collapsed;
    private final long pid;

    /** @param agent the profiler's library */
    Profile(Path agent, Path logs, long pid) {
        this.agent = agent;
        this.collapsed = logs.resolve("gateway.collapsed");
        this.pid = pid;
    }

    private static Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("rocksdb", "outbox: RocksDB");
        labels.put("dev/tokenmeter/gateway/outbox", "outbox: our own");
        labels.put("dev/tokenmeter/schemas/serde", "Kafka producer and serializer");
        labels.put("org/apache/kafka", "Kafka producer and serializer");
        labels.put("org/apache/avro", "Avro");
        labels.put("dev/tokenmeter/schemas", "Avro");
        labels.put("com/fasterxml", "JSON parsing");
        labels.put("dev/tokenmeter/gateway/dialect", "reading usage and requests");
        labels.put("dev/tokenmeter/pricing", "pricing");
        labels.put("java/math", "pricing");
        labels.put("dev/tokenmeter/gateway/cap", "caps");
        labels.put("dev/tokenmeter/gateway/attribution", "keys and tags");
        labels.put("io/micrometer", "metrics");
        labels.put("io/prometheus", "metrics");
        labels.put("dev/tokenmeter/gateway/proxy", "proxy: our own");
        labels.put("dev/tokenmeter", "other of ours");
        labels.put("io/vertx", "HTTP: Vert.x, Netty, sockets");
        labels.put("io/netty", "HTTP: Vert.x, Netty, sockets");
        return labels;
    }

    void start() {
        Jcmd.agent(pid, agent, "start,event=cpu,interval=500us,threads");
    }

    /** Ends it; a table of shares. */
    Table stop() {
        Jcmd.agent(pid, agent, "stop,threads,collapsed,file=" + collapsed);
        Map<String, Long> samples = new TreeMap<>();
        for (String line : lines()) {
            int space = line.lastIndexOf(' ');
            String[] frames = line.substring(0, space).split(";");
            samples.merge(label(frames), Long.parseLong(line.substring(space + 1)), Long::sum);
        }
        long total = samples.values().stream().mapToLong(Long::longValue).sum();
        Table table = new Table("the gateway's CPU time", "share");
        samples.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(entry -> table.row(
                        entry.getKey(), String.format(Locale.ROOT, "%.1f %%", 100.0 * entry.getValue() / total)));
        return table;
    }

    private List<String> lines() {
        try {
            return Files.readAllLines(collapsed);
        } catch (IOException e) {
            throw new UncheckedIOException("the profiler wrote nothing", e);
        }
    }

    private static String label(String... frames) {
        String thread = frames[0];
        if (thread.contains("C1 Comp") || thread.contains("C2 Comp") || thread.contains("Sweeper")) {
            return "JVM: compilers";
        }
        if (thread.contains("GC Thread") || thread.contains("G1 ")) {
            return "JVM: garbage collection";
        }
        for (int i = frames.length - 1; i > 0; i--) {
            for (Map.Entry<String, String> label : LABELS.entrySet()) {
                if (frames[i].contains(label.getKey())) {
                    return label.getValue();
                }
            }
        }
        return "other";
    }
}
