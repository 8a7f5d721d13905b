package dev.tokenmeter.benchmarks.run;

import dev.tokenmeter.benchmarks.load.LoadPlan;
import java.util.Locale;

/** A million calls through the gateway: its memory must not grow with them. */
public final class MemoryBenchmark {
    private static final int STEPS = 10;
    private static final int CONNECTIONS = 64;

    private MemoryBenchmark() {}

    /** @param args see {@link Options} */
    public static void main(String[] args) {
        Options options = Options.of(args);
        Table table = new Table("calls", "calls/s", "heap after GC, MB", "RSS, MB");
        long calls = 0;
        long events;
        try (Lab lab = new Lab(options)) {
            Progress.say("starting");
            lab.direct();
            Contender gateway = lab.gateway();
            for (int step = 0; step <= STEPS; step++) {
                long count = options.requests() / STEPS / (step == 0 ? 2 : 1); // the first is to warm up
                Contender.Measured measured =
                        gateway.measure(LoadPlan.count(gateway.port(), gateway.json(), CONNECTIONS, count));
                calls += measured.result().completed();
                long heap = Jcmd.heapAfterGc(gateway.child().pid());
                long resident = ProcessStats.residentBytes(gateway.child().pid());
                table.row(
                        String.format(Locale.ROOT, "%,d", calls),
                        String.format(Locale.ROOT, "%,.0f", measured.result().perSecond()),
                        String.format(Locale.ROOT, "%.1f", heap / 1048576.0),
                        String.format(Locale.ROOT, "%.0f", resident / 1048576.0));
                Progress.say(calls + " calls, heap " + (heap >> 20) + " MB, RSS " + (resident >> 20) + " MB");
            }
            events = EventLog.await(lab.bootstrapServers(), calls);
        }
        System.out.println("\n" + table);
        System.out.printf(Locale.ROOT, "- events in Kafka: %,d for %,d calls%n", events, calls);
    }
}
