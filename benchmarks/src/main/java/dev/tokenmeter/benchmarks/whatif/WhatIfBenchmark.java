package dev.tokenmeter.benchmarks.whatif;

import dev.tokenmeter.standalone.Standalone;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import dev.tokenmeter.storage.clickhouse.ClickHouseConfig;
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
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Questions to the API over the rollups of a year, each beside the plain sum of what a call costs that ClickHouse makes of the
 * same rollups, and of events in the same run.
 */
public final class WhatIfBenchmark {
    private static final int PORT_OFFSET = 17_500;
    private static final int ROUNDS = 25;
    private static final int EVENTS = 5_000_000;
    private static final String TARGET = "&model=anthropic/claude-haiku-4-5";
    private static final String SUMS = "SELECT sum(requests), sum(uncached_input_tokens), sum(cache_read_input_tokens),"
            + " sum(text_output_tokens), sum(cost_usd) FROM usage_rollups WHERE dimension_group = 'detail' AND ";

    private final HttpClient http = HttpClient.newHttpClient();
    private final long began = System.nanoTime();
    private final URI api;
    private final ClickHouse clickHouse;
    private final LocalDate end;

    private WhatIfBenchmark(URI api, ClickHouse clickHouse, LocalDate end) {
        this.api = api;
        this.clickHouse = clickHouse;
        this.end = end;
    }

    /** @param args {@code [--calls=N]}, calls of a month */
    public static void main(String[] args) throws Exception {
        long calls = 100_000_000;
        for (String arg : args) {
            if (!arg.matches("--calls=\\d{1,10}")) {
                throw new IllegalArgumentException("unknown: " + arg + "; known: --calls=N");
            }
            calls = Long.parseLong(arg.substring(arg.indexOf('=') + 1));
        }
        Path folder = Files.createTempDirectory("tokenmeter-what-if");
        try (Standalone standalone = new Standalone(
                null, Map.of(), folder, PORT_OFFSET, Map.of(), new PrintStream(OutputStream.nullOutputStream()))) {
            standalone.start();
            // Yesterday's midnight: all of it is past, whatever the hour.
            LocalDate end = LocalDate.now(ZoneOffset.UTC).minusDays(1);
            ClickHouseConfig config = ClickHouseConfig.from(standalone.settings());
            try (ClickHouse clickHouse = new ClickHouse(config, 2, Map.of())) {
                new WhatIfBenchmark(standalone.queryApi(), clickHouse, end).run(calls);
            }
        } finally {
            delete(folder);
        }
    }

    private void run(long calls) throws Exception {
        Year year = new Year(clickHouse, end, calls);
        long[] rollups = year.write();
        year.writeEvents(EVENTS);
        say(String.format("%,d rollups by day, %,d by hour, %,d events", rollups[0], rollups[1], EVENTS));
        String month = "from=" + end.minusDays(30) + "&to=" + end;
        assertSame(month);

        System.out.printf("| %-58s | %10s | %9s | %9s |%n", "question", "first, ms", "p50, ms", "longest");
        System.out.println("|---|---:|---:|---:|");
        Map<String, String> questions = new LinkedHashMap<>();
        questions.put("one tenant's month", month + "&tenant=tenant-7");
        questions.put(
                "one tenant's month, by feature and day",
                month + "&tenant=tenant-7&group_by=tag.feature&granularity=day");
        questions.put(
                "one tenant's month to this morning, by model",
                "from=" + end.minusDays(30) + "&to=" + end.minusDays(1) + "T09:00:00Z&tenant=tenant-7&group_by=model");
        questions.put("one feature's month", month + "&filter.tag.feature=feature-77");
        questions.put("all tenants' month, by tenant", month + "&group_by=tenant");
        questions.put("all tenants' month, by feature", month + "&group_by=tag.feature&limit=2000");
        questions.put("all tenants' month, by day and model", month + "&group_by=model&granularity=day&limit=2000");
        questions.put(
                "one tenant's year, by month",
                "from=" + end.minusDays(364) + "&to=" + end + "&tenant=tenant-7&granularity=month");
        questions.put(
                "all tenants' year, by month and model",
                "from=" + end.minusDays(364) + "&to=" + end + "&group_by=model&granularity=month");
        for (Map.Entry<String, String> question : questions.entrySet()) {
            measure(question.getKey(), () -> ask(question.getValue() + TARGET));
        }
        String since = " granularity = 'day' AND window_start >= '" + end.minusDays(30) + "'";
        String inYear = " granularity = 'day' AND window_start >= '" + end.minusDays(364) + "'";
        measure("bare ClickHouse: one tenant's month", () -> sql(SUMS + since + " AND tenant = 'tenant-7'"));
        measure("bare ClickHouse: all tenants' month", () -> sql(SUMS + since));
        measure("bare ClickHouse: all tenants' year", () -> sql(SUMS + inYear));
        String events = "SELECT count(), sum(uncached_input_tokens), sum(cache_read_input_tokens),"
                + " sum(text_output_tokens), sum(cost_usd) FROM usage_events";
        measure(
                "plain SQL: " + EVENTS / 1_000_000 + " million events, one tenant's",
                () -> sql(events + " WHERE tenant = 'tenant-7'"));
        measure("plain SQL: " + EVENTS / 1_000_000 + " million events", () -> sql(events));
        measure("the same, each event once (FINAL)", () -> sql(events + " FINAL"));
    }

    /** With nothing supposed it must be what the calls cost. */
    private void assertSame(String range) throws Exception {
        JsonObject total = ask(range).getJsonObject("meta").getJsonObject("total");
        BigDecimal cost = new BigDecimal(total.getString("cost_usd"));
        say(total.encode());
        if (cost.signum() == 0 || cost.compareTo(new BigDecimal(total.getString("what_if_cost_usd"))) != 0) {
            throw new IllegalStateException("not what it cost: " + total.encode());
        }
    }

    private interface Question {
        Object run() throws Exception;
    }

    private void measure(String name, Question question) throws Exception {
        for (String cache : List.of("MARK", "UNCOMPRESSED")) {
            sql("SYSTEM DROP " + cache + " CACHE");
        }
        double first = timed(question);
        double[] times = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            times[i] = timed(question);
        }
        Arrays.sort(times);
        System.out.printf("| %-58s | %10.0f | %9.0f | %9.0f |%n", name, first, times[ROUNDS / 2], times[ROUNDS - 1]);
    }

    private static double timed(Question question) throws Exception {
        long start = System.nanoTime();
        question.run();
        return (System.nanoTime() - start) / 1e6;
    }

    private JsonObject ask(String query) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(api.resolve("/api/v1/what-if?" + query)).build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(answer.body());
        }
        return new JsonObject(answer.body());
    }

    private Object sql(String statement) throws SQLException {
        try (Connection connection = clickHouse.open();
                Statement run = connection.createStatement()) {
            if (!run.execute(statement)) {
                return null;
            }
            try (ResultSet result = run.getResultSet()) {
                return result.next() ? result.getObject(1) : null;
            }
        }
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
