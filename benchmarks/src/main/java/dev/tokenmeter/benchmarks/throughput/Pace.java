package dev.tokenmeter.benchmarks.throughput;

import dev.tokenmeter.benchmarks.run.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** CPU and time of a run, by tenth of its events: whether each costs as much as the one before. */
final class Pace {
    private static final int PARTS = 10;

    private record Sample(long events, long nanos, long cpuMicros, long brokerMicros) {}

    private final long events;
    private final List<Sample> samples = new ArrayList<>();

    Pace(long events) {
        this.events = events;
    }

    /** To be told often; keeps what is needed, and says so. The first call begins, with no event read. */
    void at(long read, long cpuMicros, long brokerMicros) {
        boolean passed = read < events
                && !samples.isEmpty()
                && read * PARTS / events > samples.get(samples.size() - 1).events * PARTS / events;
        if (samples.isEmpty() || passed) {
            add(read, cpuMicros, brokerMicros);
        }
    }

    /** Everything is summed and written. */
    void done(long cpuMicros, long brokerMicros) {
        add(events, cpuMicros, brokerMicros);
    }

    private void add(long read, long cpuMicros, long brokerMicros) {
        samples.add(new Sample(read, System.nanoTime(), cpuMicros, brokerMicros));
        int last = samples.size() - 1;
        if (last > 0) {
            System.err.printf(
                    Locale.ROOT,
                    "%,d events: %,.0f/s, %.1f us of CPU each, Kafka %.1f us%n",
                    read,
                    perSecond(last - 1, last),
                    cpuMicros(last - 1, last),
                    brokerMicros(last - 1, last));
        }
    }

    Table table() {
        Table table = new Table("events", "events/s", "CPU us/event", "Kafka's CPU us/event");
        for (int i = 1; i < samples.size(); i++) {
            table.row(
                    String.format(Locale.ROOT, "%,d", samples.get(i).events),
                    String.format(Locale.ROOT, "%,.0f", perSecond(i - 1, i)),
                    String.format(Locale.ROOT, "%.1f", cpuMicros(i - 1, i)),
                    String.format(Locale.ROOT, "%.1f", brokerMicros(i - 1, i)));
        }
        return table;
    }

    private double perSecond(int from, int to) {
        return events(from, to) * 1e9 / Math.max(1, samples.get(to).nanos - samples.get(from).nanos);
    }

    private double cpuMicros(int from, int to) {
        return (double) (samples.get(to).cpuMicros - samples.get(from).cpuMicros) / events(from, to);
    }

    private double brokerMicros(int from, int to) {
        return (double) (samples.get(to).brokerMicros - samples.get(from).brokerMicros) / events(from, to);
    }

    private long events(int from, int to) {
        return Math.max(1, samples.get(to).events - samples.get(from).events);
    }

    /** Of the whole run, microseconds an event. */
    double cpuMicros() {
        return cpuMicros(0, samples.size() - 1);
    }

    /** The same without the first tenth, in which the JVM compiles. */
    double warmCpuMicros() {
        return cpuMicros(1, samples.size() - 1);
    }

    /** Of the whole run. */
    double perSecond() {
        return perSecond(0, samples.size() - 1);
    }

    double brokerMicros() {
        return brokerMicros(0, samples.size() - 1);
    }
}
