package dev.tokenmeter.embedded.kafka;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A broker of a cluster on this machine, as a process of its own: {@code --data DIR --port N --node-id N --cluster-id ID
 * --controllers 1:PORT,2:PORT,3:PORT}. Says {@value #READY} and its address on standard output once it serves, and ends
 * when standard input does, so that it ends with its parent.
 */
public final class KafkaBrokerMain {
    /** First word of the line that says that the broker serves. */
    public static final String READY = "KAFKA-READY";

    private static final String USAGE =
            "--data DIR --port N --node-id N --cluster-id ID --controllers NODE:PORT,NODE:PORT,...";

    private KafkaBrokerMain() {}

    /** Runs until standard input ends or the process is told to stop. */
    public static void main(String[] args) throws IOException {
        EmbeddedKafka kafka;
        try {
            Map<String, String> options = options(args);
            ClusterMember member = new ClusterMember(
                    Integer.parseInt(options.get("--node-id")),
                    options.get("--cluster-id"),
                    controllers(options.get("--controllers")));
            kafka = new EmbeddedKafka(
                    Path.of(options.get("--data")), Integer.parseInt(options.get("--port")), member, Map.of());
        } catch (IllegalArgumentException | IllegalStateException e) {
            System.err.println("kafka: " + e.getMessage());
            System.exit(2);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(kafka::close, "stop"));
        System.out.println(READY + " " + kafka.bootstrapServers());
        byte[] ignored = new byte[64];
        while (System.in.read(ignored) >= 0) {
            continue;
        }
        System.exit(0);
    }

    private static Map<String, String> options(String[] args) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            options.put(args[i], args[i + 1]);
        }
        if (!options.keySet().containsAll(List.of("--data", "--port", "--node-id", "--cluster-id", "--controllers"))) {
            throw new IllegalArgumentException("found " + String.join(" ", args) + ", wants " + USAGE);
        }
        return options;
    }

    private static Map<Integer, Integer> controllers(String text) {
        Map<Integer, Integer> ports = new TreeMap<>();
        for (String member : text.split(",")) {
            String[] parts = member.split(":");
            if (parts.length != 2) {
                throw new IllegalArgumentException("--controllers: found '" + member + "', wants NODE:PORT");
            }
            ports.put(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        }
        return ports;
    }
}
