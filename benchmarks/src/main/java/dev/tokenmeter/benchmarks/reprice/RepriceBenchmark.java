package dev.tokenmeter.benchmarks.reprice;

import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.standalone.Standalone;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Stores a month of calls that all cost twice what they should, in an empty standalone, then prices them anew through the
 * API. What it measures itself against is the time that the same calls took to come in, in the same run.
 */
public final class RepriceBenchmark {
    private static final int PORT_OFFSET = 17_000;
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Month month;
    private final URI api;
    private final Backlog backlog;
    private final long began = System.nanoTime();

    private RepriceBenchmark(Month month, URI api, Backlog backlog) {
        this.month = month;
        this.api = api;
        this.backlog = backlog;
    }

    /** @param args {@code [--events=N]} */
    public static void main(String[] args) throws Exception {
        long events = 1_000_000;
        for (String arg : args) {
            if (!arg.matches("--events=\\d{1,8}")) {
                throw new IllegalArgumentException("unknown: " + arg + "; known: --events=N");
            }
            events = Long.parseLong(arg.substring(arg.indexOf('=') + 1));
        }
        Path folder = Files.createTempDirectory("tokenmeter-reprice");
        try (Standalone standalone = new Standalone(
                null, Map.of(), folder, PORT_OFFSET, Map.of(), new PrintStream(OutputStream.nullOutputStream()))) {
            standalone.start();
            LocalDate first = LocalDate.now(ZoneOffset.UTC).minusDays(30);
            KafkaSettings kafka = KafkaSettings.from(standalone.settings());
            try (Backlog backlog = new Backlog(kafka)) {
                new RepriceBenchmark(new Month(first, events, kafka), standalone.queryApi(), backlog).run();
            }
        } finally {
            delete(folder);
        }
    }

    private void run() throws Exception {
        CpuTime cpu = CpuTime.now();
        long start = System.nanoTime();
        BigDecimal wrong = month.write();
        say("written to Kafka: " + month.events() + " calls, $"
                + wrong.stripTrailingZeros().toPlainString());
        awaitSum(wrong);
        double in = seconds(start);
        say("all of them in ClickHouse and in the rollups, ledger exact; " + cpu.since(month.events()));

        cpu = CpuTime.now();
        start = System.nanoTime();
        JsonObject job = send("POST", "/api/v1/reprice", month.repricing());
        while (!job.getString("state").equals("done")) {
            if (job.getString("state").equals("failed")) {
                throw new IllegalStateException(job.encode());
            }
            Thread.sleep(500);
            job = send("GET", "/api/v1/reprice/" + job.getString("reprice_id"), null);
            say(job.getLong("events_done") + " of " + job.getLong("events_total") + " priced anew");
        }
        double priced = seconds(start);
        BigDecimal right = new BigDecimal(job.getString("cost_usd_after"));
        awaitSum(right);
        double settled = seconds(start);
        say(cpu.since(month.events()));

        System.out.printf(
                "%,d calls of a month: came in within %.1f s; priced anew, corrections safe in Kafka, within %.1f s (%.2f of"
                        + " that); every sum right again, ledger exact, within %.1f s (%.2f of that)%n",
                month.events(), in, priced, priced / in, settled, settled / in);
    }

    /**
     * Until events and rollups agree to the last digit and are that much. Summing all events is work that the pipeline
     * feels, so it is asked for once everything is read.
     */
    private void awaitSum(BigDecimal usd) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            backlog.awaitNone(deadline);
            JsonObject ledger = send("GET", "/api/v1/ledger-check?" + month.query(), null);
            BigDecimal sum = new BigDecimal(ledger.getJsonObject("events").getString("cost_usd"));
            if (ledger.getBoolean("exact") && sum.compareTo(usd) == 0) {
                return;
            }
            say("waiting for the ledger: events hold $" + sum.toPlainString());
            Thread.sleep(500);
        }
        throw new IllegalStateException("the sums did not come to " + usd + " within " + PATIENCE);
    }

    private JsonObject send(String method, String path, JsonObject body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(api.resolve(path));
        request.method(
                method,
                body == null
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body.encode()));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IOException(answer.body());
        }
        return new JsonObject(answer.body()).getJsonObject("data");
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private void say(String what) {
        System.err.printf("%4d s  %s%n", (System.nanoTime() - began) / 1_000_000_000, what);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
