package dev.tokenmeter.standalone;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Exits with 0 when everything that should run is ready, 1 when something is not, 3 when nothing runs. */
@Command(name = "status", description = "What runs, and whether it is well.")
final class StatusCommand implements Callable<Integer> {
    private static final int NOT_RUNNING = 3;

    @Mixin
    private Options options;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    @Override
    public Integer call() throws InterruptedException {
        DataFolder.Owner owner = DataFolder.owner(options.data);
        if (owner == null || !owner.isAlive()) {
            System.out.println("Tokenmeter does not run on "
                    + options.data.toAbsolutePath().normalize());
            return NOT_RUNNING;
        }
        Ports ports = new Ports(owner.portOffset());
        System.out.println(
                "Tokenmeter runs as process " + owner.pid() + "; dashboard http://127.0.0.1:" + ports.queryApi());
        boolean allReady = true;
        for (Map.Entry<String, String> port : ports.settings().entrySet()) {
            if (port.getKey().endsWith(".management.port")) {
                String name = port.getKey().replace(".management.port", "");
                allReady &= report(name, URI.create("http://127.0.0.1:" + port.getValue() + "/health/ready"));
            }
        }
        return allReady ? 0 : 1;
    }

    private boolean report(String name, URI health) throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(health)
                    .timeout(Duration.ofSeconds(3))
                    .build();
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            boolean ready = answer.statusCode() == 200;
            System.out.printf(
                    "  %-18s %s%n",
                    name, ready ? "ready" : answer.body().strip().replace("\n", "; "));
            return ready;
        } catch (IOException e) {
            System.out.printf("  %-18s no answer on %s%n", name, health.getAuthority());
            return false;
        }
    }
}
