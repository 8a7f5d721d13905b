package dev.tokenmeter.benchmarks.run;

import dev.tokenmeter.benchmarks.run.Contender.Measured;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What is printed in the end. */
final class Report {
    private final StringBuilder text = new StringBuilder();
    private final List<String> notes = new ArrayList<>();
    private Child kafka;
    private double kafkaCpuBefore;
    private final List<Double> kafkaMicros = new ArrayList<>();

    void kafka(Child broker) {
        kafka = broker;
    }

    void kafkaBefore(Contender contender) {
        if (contender.name().equals("gateway")) {
            kafkaCpuBefore = ProcessStats.cpuSeconds(kafka.pid());
        }
    }

    void kafkaAfter(Contender contender, Measured measured) {
        if (contender.name().equals("gateway")) {
            double cpu = ProcessStats.cpuSeconds(kafka.pid()) - kafkaCpuBefore;
            kafkaMicros.add(cpu * 1e6 / measured.result().completed());
        }
    }

    void fullLoad(Map<Contender, List<Measured>> rounds) {
        Table table = new Table(
                "64 connections, as fast as it goes",
                "calls/s",
                "lowest",
                "highest",
                "p50 µs",
                "p99 µs",
                "CPU µs/call",
                "RSS MB");
        rounds.forEach((contender, measured) -> table.row(
                contender.name(),
                whole(perSecond(measured)),
                whole(measured.stream()
                        .mapToDouble(m -> m.result().perSecond())
                        .min()
                        .orElse(0)),
                whole(measured.stream()
                        .mapToDouble(m -> m.result().perSecond())
                        .max()
                        .orElse(0)),
                whole(GatewayBenchmark.median(
                        measured, m -> m.result().latency().getValueAtPercentile(50) / 1000.0)),
                whole(GatewayBenchmark.median(
                        measured, m -> m.result().latency().getValueAtPercentile(99) / 1000.0)),
                whole(GatewayBenchmark.median(measured, Measured::cpuMicrosPerCall)),
                whole(ProcessStats.residentBytes(contender.child().pid()) / 1048576.0)));
        section("JSON at full load", table);
        kafkaMicros.stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .ifPresent(micros -> notes.add("Kafka and registry (their own process) took " + whole(micros)
                        + " µs of CPU for each call through the gateway at full load"));
        ratios(rounds);
    }

    private void ratios(Map<Contender, List<Measured>> rounds) {
        Optional<Double> gateway = named(rounds, "gateway");
        for (String other : List.of("direct", "bare proxy", "portkey", "litellm")) {
            Optional<Double> theirs = named(rounds, other);
            if (gateway.isPresent() && theirs.isPresent()) {
                notes.add(String.format(
                        Locale.ROOT,
                        "full load: the gateway carries %.2f times what %s does",
                        gateway.get() / theirs.get(),
                        other));
            }
        }
    }

    private static Optional<Double> named(Map<Contender, List<Measured>> rounds, String name) {
        return rounds.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(name))
                .map(entry -> perSecond(entry.getValue()))
                .findFirst();
    }

    private static double perSecond(List<Measured> rounds) {
        return GatewayBenchmark.median(rounds, measured -> measured.result().perSecond());
    }

    void section(String title, Table table) {
        text.append('\n').append(title).append("\n\n").append(table);
    }

    void note(String note) {
        notes.add(note);
    }

    void events(long calls, long events) {
        notes.add(String.format(
                Locale.ROOT, "events in Kafka: %,d for %,d calls answered by the gateway", events, calls));
    }

    void print() {
        System.out.printf(
                "%nJava %s, %d processors, %s%n",
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS));
        System.out.print(text);
        System.out.println();
        notes.forEach(note -> System.out.println("- " + note));
    }

    private static String whole(double figure) {
        return String.format(Locale.ROOT, "%,.0f", figure);
    }
}
