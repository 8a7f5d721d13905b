package dev.tokenmeter.embedded.kafka;

import java.nio.file.Path;
import java.util.Map;

/** A broker in a process of its own, so that a test can kill it. */
final class BrokerChild {
    static final String READY = "READY ";

    private BrokerChild() {}

    public static void main(String[] args) throws Exception {
        EmbeddedKafka kafka = new EmbeddedKafka(Path.of(args[0]), 0, 0, Map.of());
        System.out.println(READY + kafka.bootstrapServers());
        // The parent's end closes standard input; nobody else would stop us.
        while (System.in.read() >= 0) {
            continue;
        }
        kafka.close();
    }

    static Process start(Path dataDir) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        BrokerChild.class.getName(),
                        dataDir.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    static String awaitReady(Process child) throws Exception {
        var lines = child.inputReader();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(READY)) {
                return line.substring(READY.length());
            }
            System.out.println("broker child: " + line);
        }
        throw new IllegalStateException("the broker child ended before it was ready");
    }
}
