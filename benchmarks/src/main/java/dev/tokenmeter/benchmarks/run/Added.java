package dev.tokenmeter.benchmarks.run;

import dev.tokenmeter.benchmarks.run.Contender.Measured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** What proxies add to the latency of going direct at the same rate: the difference of percentiles, median of rounds. */
final class Added {
    private record Round(double rate, Measured direct, Measured proxy) {
        double micros(boolean firstByte, double percentile) {
            return (histogram(proxy, firstByte).getValueAtPercentile(percentile)
                            - histogram(direct, firstByte).getValueAtPercentile(percentile))
                    / 1000.0;
        }

        private static Histogram histogram(Measured measured, boolean firstByte) {
            return firstByte ? measured.result().firstByte() : measured.result().latency();
        }
    }

    private final String base;
    private final Map<String, List<Round>> rounds = new LinkedHashMap<>();

    Added(String base) {
        this.base = base;
    }

    void add(String proxy, double rate, Measured direct, Measured through) {
        rounds.computeIfAbsent(proxy, name -> new ArrayList<>()).add(new Round(rate, direct, through));
    }

    Table table(boolean streams) {
        Table table = new Table(
                streams
                        ? new String[] {
                            "added to " + base + ", µs",
                            "per second",
                            "first p50",
                            "p90",
                            "p99",
                            "p99.9",
                            "last p50",
                            "p99",
                            "CPU/call"
                        }
                        : new String[] {
                            "added to " + base + ", µs",
                            "per second",
                            "p50",
                            "p90",
                            "p99",
                            "p99.9",
                            "direct p50",
                            "direct p99",
                            "CPU/call"
                        });
        rounds.forEach((proxy, all) -> table.row(
                proxy,
                figure(all, Round::rate),
                figure(all, round -> round.micros(streams, 50)),
                figure(all, round -> round.micros(streams, 90)),
                figure(all, round -> round.micros(streams, 99)),
                figure(all, round -> round.micros(streams, 99.9)),
                figure(all, round -> streams ? round.micros(false, 50) : direct(round, 50)),
                figure(all, round -> streams ? round.micros(false, 99) : direct(round, 99)),
                figure(all, round -> round.proxy.cpuMicrosPerCall())));
        return table;
    }

    private static double direct(Round round, double percentile) {
        return round.direct.result().latency().getValueAtPercentile(percentile) / 1000.0;
    }

    private static String figure(List<Round> rounds, ToDoubleFunction<Round> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return String.format(Locale.ROOT, "%,.0f", median);
    }
}
