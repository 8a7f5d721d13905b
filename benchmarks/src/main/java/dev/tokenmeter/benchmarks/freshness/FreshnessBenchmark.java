package dev.tokenmeter.benchmarks.freshness;

import dev.tokenmeter.standalone.Standalone;
import dev.tokenmeter.standalone.demo.DemoProvider;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * Makes calls through the gateway of an empty standalone, under a steady load of other calls, and asks the usage API again
 * and again until each is counted: once from the rollups of the running hour, once from the events. What is printed is the
 * time from the end of the answer to the first figure with the call in it, and beside it how long such a question takes.
 */
public final class FreshnessBenchmark {
    private static final int PORT_OFFSET = 18_000;
    private static final long GIVE_UP_MS = 60_000;
    private static final int WARM_UP = 20;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Standalone standalone;
    private final Histogram questions = new Histogram(3);

    private FreshnessBenchmark(Standalone standalone) {
        this.standalone = standalone;
    }

    /** @param args {@code [--probes=N] [--rate=CALLS_A_SECOND]} */
    public static void main(String[] args) throws Exception {
        int probes = 200;
        int rate = 50;
        for (String arg : args) {
            if (arg.matches("--probes=\\d{1,5}")) {
                probes = Integer.parseInt(arg.substring(arg.indexOf('=') + 1));
            } else if (arg.matches("--rate=\\d{1,4}")) {
                rate = Integer.parseInt(arg.substring(arg.indexOf('=') + 1));
            } else {
                throw new IllegalArgumentException("unknown: " + arg + "; known: --probes=N, --rate=CALLS_A_SECOND");
            }
        }
        Path folder = Files.createTempDirectory("tokenmeter-freshness");
        try (DemoProvider provider = new DemoProvider();
                Standalone standalone = new Standalone(
                        null,
                        Map.of(),
                        folder,
                        PORT_OFFSET,
                        Map.of(
                                "providers.openai.base-url",
                                provider.openAiBaseUrl(),
                                "providers.openai.api-key",
                                "upstream"),
                        new PrintStream(OutputStream.nullOutputStream()))) {
            standalone.start();
            new FreshnessBenchmark(standalone).run(probes, rate);
        } finally {
            delete(folder);
        }
    }

    private void run(int probes, int rate) throws Exception {
        String probe = newKey("probe");
        try (SteadyCalls load = new SteadyCalls(http, () -> request(newKeyUnchecked()), rate)) {
            load.start();
            System.err.printf("%d calls a second beside it; %d probes each%n", rate, probes);
            Histogram rollups = probe(probe, "rollups", probes);
            Histogram events = probe(probe, "events", probes);
            System.out.printf(
                    "From the end of a call's answer to a figure of the API that has it, beside %d calls a second:%n%n",
                    rate);
            System.out.println("| answered from | p50 | p90 | p99 | max |");
            System.out.println("|---|---:|---:|---:|---:|");
            print("rollups (whole hours)", rollups);
            print("events (any range)", events);
            print("one question to the API takes", questions);
            System.out.printf("%nOther calls made: %,d, failed: %,d%n", load.made(), load.failed());
        }
    }

    private String newKeyUnchecked() {
        try {
            return newKey("others");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Histogram probe(String key, String source, int probes) throws Exception {
        Histogram waits = new Histogram(3);
        long known = counted(source);
        for (int i = 0; i < probes + WARM_UP; i++) {
            HttpResponse<String> answer = http.send(request(key), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException(answer.statusCode() + ": " + answer.body());
            }
            long ended = System.nanoTime();
            known++;
            while (counted(source) < known) {
                if (System.nanoTime() - ended > GIVE_UP_MS * 1_000_000) {
                    throw new IllegalStateException("a call was not counted within " + GIVE_UP_MS + " ms");
                }
            }
            if (i >= WARM_UP) {
                waits.recordValue((System.nanoTime() - ended) / 1_000);
            }
            Thread.sleep(20 + i * 37L % 100); // not in step with anything's interval
        }
        return waits;
    }

    /** Calls of the probing tenant in a range that is answered from where it says. */
    private long counted(String source) throws IOException, InterruptedException {
        Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(1, ChronoUnit.HOURS);
        Instant from = source.equals("rollups") ? hour : hour.plusSeconds(1);
        long begun = System.nanoTime();
        JsonObject answer = send(
                "GET",
                "/api/v1/usage?tenant=probe&metrics=requests&from=" + from + "&to=" + hour.plus(3, ChronoUnit.HOURS),
                null);
        questions.recordValue((System.nanoTime() - begun) / 1_000);
        String answeredFrom = answer.getJsonObject("meta").getString("source");
        if (!answeredFrom.equals(source)) {
            throw new IllegalStateException("asked for " + source + ", answered from " + answeredFrom);
        }
        JsonArray rows = answer.getJsonArray("data");
        return rows.isEmpty() ? 0 : rows.getJsonObject(0).getLong("requests");
    }

    private HttpRequest request(String key) {
        return HttpRequest.newBuilder(standalone.gateway().resolve("/openai/v1/chat/completions"))
                .header("authorization", "Bearer " + key)
                .header("content-type", "application/json")
                .header("x-tokenmeter-tags", "{\"team\":\"growth\",\"feature\":\"chatbot\"}")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"))
                .build();
    }

    private String newKey(String tenant) throws IOException, InterruptedException {
        JsonObject made = send("POST", "/api/v1/keys", JsonObject.of("tenant", tenant, "name", "freshness"));
        String secret = made.getJsonObject("data").getString("secret");
        HttpRequest models = HttpRequest.newBuilder(standalone.gateway().resolve("/openai/v1/models"))
                .header("authorization", "Bearer " + secret)
                .build();
        while (http.send(models, HttpResponse.BodyHandlers.discarding()).statusCode() != 200) {
            Thread.sleep(20);
        }
        return secret;
    }

    private JsonObject send(String method, String path, JsonObject body) throws IOException, InterruptedException {
        URI uri = standalone.queryApi().resolve(path);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (body == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body.encode()));
        }
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IOException(answer.body());
        }
        return new JsonObject(answer.body());
    }

    private static void print(String what, Histogram micros) {
        System.out.printf(
                "| %s | %.0f ms | %.0f ms | %.0f ms | %.0f ms |%n",
                what,
                micros.getValueAtPercentile(50) / 1e3,
                micros.getValueAtPercentile(90) / 1e3,
                micros.getValueAtPercentile(99) / 1e3,
                micros.getMaxValue() / 1e3);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
