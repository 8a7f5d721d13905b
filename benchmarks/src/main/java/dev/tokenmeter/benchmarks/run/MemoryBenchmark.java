package dev.tokenmeter.benchmarks.run;

import dev.tokenmeter.benchmarks.load.LoadGenerator;
import dev.tokenmeter.benchmarks.load.LoadPlan;
import dev.tokenmeter.benchmarks.load.LoadResult;
import dev.tokenmeter.benchmarks.target.FixedUpstream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/** A million calls through the gateway, or fewer large ones: its memory must not grow with them. */
public final class MemoryBenchmark {
    private static final int STEPS = 10;
    private static final int UPLOAD_BYTES = 4 << 20;

    /**
     * What is sent.
     *
     * @param request its bytes
     * @param clients that send at the same time, with a thread each
     * @param connections of each client
     * @param requests in all
     * @param events that each leaves
     */
    private record Load(byte[] request, int clients, int connections, long requests, int events) {}

    private MemoryBenchmark() {}

    /** @param args see {@link Options} */
    public static void main(String[] args) {
        Options options = Options.of(args);
        Table table = new Table("calls", "calls/s", "heap after GC, MB", "RSS, MB", "most RSS until then, MB");
        long calls = 0;
        long events;
        Load load;
        try (Lab lab = new Lab(options)) {
            Progress.say("starting");
            lab.direct();
            Contender gateway = lab.gateway();
            load = load(options, gateway);
            for (int step = 0; step <= STEPS; step++) {
                long count = load.requests / STEPS / (step == 0 ? 2 : 1); // the first is to warm up
                long begun = System.nanoTime();
                long completed = send(load, gateway.port(), count / load.clients);
                double seconds = (System.nanoTime() - begun) / 1e9;
                calls += completed;
                long heap = Jcmd.heapAfterGc(gateway.child().pid());
                long resident = ProcessStats.residentBytes(gateway.child().pid());
                long most = ProcessStats.mostResidentBytes(gateway.child().pid());
                table.row(
                        String.format(Locale.ROOT, "%,d", calls),
                        String.format(Locale.ROOT, "%,.1f", completed / seconds),
                        String.format(Locale.ROOT, "%.1f", heap / 1048576.0),
                        String.format(Locale.ROOT, "%.0f", resident / 1048576.0),
                        String.format(Locale.ROOT, "%.0f", most / 1048576.0));
                Progress.say(calls + " calls, heap " + (heap >> 20) + " MB, RSS " + (resident >> 20) + " MB");
            }
            events = EventLog.await(lab.bootstrapServers(), calls * load.events);
        }
        System.out.println("\n" + table);
        System.out.printf(Locale.ROOT, "- events in Kafka: %,d for %,d calls of %d each%n", events, calls, load.events);
    }

    private static Load load(Options options, Contender gateway) {
        long asked = options.requests();
        return switch (options.bodies()) {
            case JSON -> new Load(gateway.json(), 1, 64, asked == 0 ? 1_000_000 : asked, 1);
            case MULTIPART -> new Load(Lab.upload(gateway, UPLOAD_BYTES), 16, 1, asked == 0 ? 3_200 : asked, 1);
            case BATCH ->
                new Load(Lab.batchOutput(gateway), 1, 8, asked == 0 ? 80 : asked, FixedUpstream.BATCH_RESULTS);
        };
    }

    /** So many by each client; how many were answered well. */
    private static long send(Load load, int port, long each) {
        ExecutorService threads = Executors.newFixedThreadPool(load.clients);
        try {
            LoadPlan plan = LoadPlan.count(port, load.request, load.connections, Math.max(1, each));
            List<CompletableFuture<LoadResult>> results = IntStream.range(0, load.clients)
                    .mapToObj(client -> CompletableFuture.supplyAsync(() -> LoadGenerator.run(plan), threads))
                    .toList();
            List<LoadResult> all = results.stream().map(CompletableFuture::join).toList();
            long failed = all.stream().mapToLong(LoadResult::failed).sum();
            if (failed > 0) {
                throw new IllegalStateException(failed + " calls were not answered well");
            }
            return all.stream().mapToLong(LoadResult::completed).sum();
        } finally {
            threads.shutdownNow();
        }
    }
}
