package dev.tokenmeter.benchmarks.throughput;

import dev.tokenmeter.service.KafkaSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One of the two topologies in a process of its own. */
final class Contender implements AutoCloseable {
    private static final int CLOSE_SECONDS = 60;

    private final String name;
    private final Process process;
    private final URI metrics;

    private Contender(String name, Process process, URI metrics) {
        this.name = name;
        this.process = process;
        this.metrics = metrics;
    }

    /** Starts it; returns when it does its work. */
    static Contender start(String name, KafkaSettings kafka, Path state, Path logs, int partitions) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms1g",
                "-Xmx1g",
                "-Dlogback.configurationFile=dev/tokenmeter/standalone/logback.xml",
                "-Dtokenmeter.logs=" + logs,
                "-cp",
                System.getProperty("java.class.path"),
                StreamsChild.class.getName(),
                name,
                kafka.admin().get("bootstrap.servers").toString(),
                kafka.admin().get("schema.registry.url").toString(),
                state.toString(),
                Integer.toString(partitions));
        Path log = logs.resolve("throughput-" + name + ".log");
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        BufferedReader out = process.inputReader();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("READY ")) {
                String port = line.substring("READY ".length());
                return new Contender(name, process, URI.create("http://127.0.0.1:" + port + "/metrics"));
            }
        }
        throw new IllegalStateException(name + " did not start; see " + log);
    }

    String name() {
        return name;
    }

    /** CPU time that it has used, microseconds. */
    long cpuMicros() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1000;
    }

    /** The sum of a counter of its own, over all tags. */
    long counter(String metric) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString());
        return (long) answer.body()
                .lines()
                .filter(line -> line.startsWith(metric))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    void requireAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException(name + " has ended");
        }
    }

    /** Stops it as SIGTERM asks, so that all of its state is in files. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
