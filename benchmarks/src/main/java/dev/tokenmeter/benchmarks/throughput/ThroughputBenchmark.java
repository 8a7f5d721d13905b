package dev.tokenmeter.benchmarks.throughput;

import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.embedded.registry.SchemaRegistry;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.TopicAdmin;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Sends the same events through the aggregator and through a topology that only counts, one after the other, and tells what an
 * event costs each of them, what they keep, and whether all sums are exact.
 */
public final class ThroughputBenchmark {
    private static final String AGGREGATOR = "stream-aggregator";
    private static final String ROLLUPS_METRIC = "tokenmeter_aggregator_rollups_total";
    private static final int PARTITIONS = 4;
    private static final int BLOCK = 20_000;
    /** So far the writer may be ahead of what is summed. */
    private static final long AHEAD = 100_000;

    private static final long FORGET_EVERY = 1_000_000;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration EXACT_PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final long events;
    private final double perSecond;
    private final KafkaSettings kafka;
    private final UsageLog log;
    private final Instant from;
    /** Of runs before. */
    private long writtenBefore;

    private ThroughputBenchmark(Path folder, long events, double perSecond, KafkaSettings kafka, UsageLog log) {
        this.folder = folder;
        this.events = events;
        this.perSecond = perSecond;
        this.kafka = kafka;
        this.log = log;
        this.from = Instant.now().minusMillis((long) (1000 * events / perSecond));
    }

    /** @param args {@code [--events=N] [--rate=EVENTS_A_SECOND]} */
    public static void main(String[] args) throws Exception {
        long events = 1_000_000;
        double perSecond = 200;
        for (String arg : args) {
            if (arg.matches("--events=\\d{4,10}")) {
                events = Long.parseLong(arg.substring(arg.indexOf('=') + 1));
            } else if (arg.matches("--rate=\\d{1,7}")) {
                perSecond = Double.parseDouble(arg.substring(arg.indexOf('=') + 1));
            } else {
                throw new IllegalArgumentException("unknown: " + arg
                        + "; known: --events=N (1000 or more), --rate=EVENTS_A_SECOND of their own time");
            }
        }
        Path folder = Files.createTempDirectory("tokenmeter-throughput");
        // Segments are short so that what was read leaves the disk soon.
        Map<String, String> broker = Map.of(
                "log.segment.bytes", Integer.toString(128 << 20),
                "log.retention.check.interval.ms", "10000",
                "log.segment.delete.delay.ms", "1000");
        try (EmbeddedKafka server = new EmbeddedKafka(folder.resolve("kafka"), 0, 0, broker);
                SchemaRegistry registry = new SchemaRegistry(server.bootstrapServers(), "127.0.0.1", 0)) {
            KafkaSettings kafka = KafkaSettings.from(Settings.of(Map.of(
                    "kafka.bootstrap.servers", server.bootstrapServers(),
                    "kafka.schema.registry.url", registry.url(),
                    "kafka.topic-partitions", Integer.toString(PARTITIONS))));
            TopicAdmin.ensureTopics(kafka);
            try (UsageLog log = new UsageLog(kafka)) {
                new ThroughputBenchmark(folder, events, perSecond, kafka, log).run();
            }
        } finally {
            delete(folder);
        }
    }

    private void run() throws Exception {
        System.out.printf(
                Locale.ROOT,
                "%,d events, %,.0f to a second of their own time, %d partitions, one stream thread%n",
                events,
                perSecond,
                PARTITIONS);
        Pace ours = run(AGGREGATOR);
        Pace bare = run(BareCount.NAME);
        System.out.printf(
                Locale.ROOT,
                "%nAn event costs the aggregator %.1f times the CPU of the bare count (%.1f times without the first tenth).%n",
                ours.cpuMicros() / bare.cpuMicros(),
                ours.warmCpuMicros() / bare.warmCpuMicros());
    }

    private Pace run(String name) throws Exception {
        Path logs = Path.of(System.getProperty("benchmarks.logs"));
        Path state = folder.resolve(name);
        Pace pace = new Pace(events);
        long rollups = 0;
        try (Contender contender = Contender.start(name, kafka, state, logs, PARTITIONS);
                EventWriter writer = new EventWriter(new Traffic(from, perSecond), kafka)) {
            feed(contender, writer, pace);
            rollups = contender.counter(ROLLUPS_METRIC);
            if (name.equals(AGGREGATOR)) {
                requireExact(writer.cost());
            }
        }
        report(name, pace, rollups);
        System.out.print(StateSize.of(state, StreamsChild.applicationId(name), log.admin())
                .table());
        return pace;
    }

    private void feed(Contender contender, EventWriter writer, Pace pace) throws Exception {
        String group = StreamsChild.applicationId(contender.name());
        long forgotten = 0;
        pace.at(0, contender.cpuMicros(), brokerMicros());
        while (true) {
            contender.requireAlive();
            long read = Math.max(0, log.done(group) - writtenBefore);
            pace.at(read, contender.cpuMicros(), brokerMicros());
            if (read - forgotten > FORGET_EVERY) {
                log.forget(group);
                forgotten = read;
            }
            if (writer.written() < events && writer.written() - read < AHEAD) {
                writer.write(Math.min(BLOCK, events - writer.written()));
            } else if (read >= events) {
                break;
            } else {
                Thread.sleep(POLL.toMillis());
            }
        }
        pace.done(contender.cpuMicros(), brokerMicros());
        log.forget(group);
        writtenBefore += events;
    }

    /** CPU time of this process without what writes events. */
    private static long brokerMicros() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long writing = threads.getCurrentThreadCpuTime();
        for (var thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null && thread.getThreadName().contains(EventWriter.CLIENT_ID)) {
                writing += Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
            }
        }
        Duration all = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
        return (all.toNanos() - writing) / 1000;
    }

    private void requireExact(BigDecimal cost) throws InterruptedException {
        long deadline = System.nanoTime() + EXACT_PATIENCE.toNanos();
        Map<String, RollupLedger.Sum> sums = RollupLedger.read(kafka);
        while (!isExact(sums, cost) && System.nanoTime() < deadline) {
            Thread.sleep(POLL.toMillis());
            sums = RollupLedger.read(kafka);
        }
        if (!isExact(sums, cost)) {
            throw new IllegalStateException(
                    "NOT EXACT: wrote " + events + " events for $" + cost + ", rollups by day say " + sums);
        }
        System.out.printf(
                Locale.ROOT,
                "%nExact: the rollups by day of each group (%s) sum up to %,d calls and $%s.%n",
                String.join(", ", sums.keySet()),
                events,
                cost.stripTrailingZeros().toPlainString());
    }

    private boolean isExact(Map<String, RollupLedger.Sum> sums, BigDecimal cost) {
        return !sums.isEmpty()
                && sums.values().stream()
                        .allMatch(sum -> sum.requests() == events && sum.usd().compareTo(cost) == 0);
    }

    private void report(String name, Pace pace, long rollups) {
        System.out.printf(
                Locale.ROOT,
                "%n%s: %,.0f events/s; %.1f us of CPU each, %,.0f events/s per core (without the first tenth: %.1f us, %,.0f);"
                        + " Kafka and registry %.1f us%n",
                name,
                pace.perSecond(),
                pace.cpuMicros(),
                1e6 / pace.cpuMicros(),
                pace.warmCpuMicros(),
                1e6 / pace.warmCpuMicros(),
                pace.brokerMicros());
        if (rollups > 0) {
            System.out.printf(
                    Locale.ROOT, "rollup records written: %,d, %.2f an event%n", rollups, (double) rollups / events);
        }
        System.out.print(pace.table());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
