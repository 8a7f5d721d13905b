package dev.tokenmeter.benchmarks.run;

import dev.tokenmeter.benchmarks.load.LoadPlan;
import dev.tokenmeter.benchmarks.run.Contender.Measured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * The load direct to the upstream, through a bare proxy, the gateway and its peers. All processes stay up and take turns in
 * rounds, so that what else the machine does hits them alike; the median of the rounds is shown.
 */
public final class GatewayBenchmark {
    private static final int CONNECTIONS = 64;
    private static final double[] PERCENTILES = {50, 90, 99, 99.9};

    private final Options options;
    private final Report report = new Report();
    private final Map<Contender, List<Measured>> full = new LinkedHashMap<>();
    private final Set<Contender> streaming = new HashSet<>();
    private long calls;

    private GatewayBenchmark(Options options) {
        this.options = options;
    }

    /** @param args see {@link Options} */
    public static void main(String[] args) {
        new GatewayBenchmark(Options.of(args)).run();
    }

    private Duration seconds(int quick, int thorough) {
        return Duration.ofSeconds(options.quick() ? quick : thorough);
    }

    private int rounds() {
        return options.quick() ? 1 : 3;
    }

    private void run() {
        try (Lab lab = new Lab(options)) {
            List<Contender> contenders = start(lab);
            contenders.forEach(this::warmUp);
            fullLoad(contenders);
            report.fullLoad(full);
            Contender direct = contenders.get(0);
            List<Contender> proxies = contenders.subList(1, contenders.size());
            if (options.runs("half")) {
                halfLoad(direct, proxies);
                sameRate(direct, proxies);
            }
            if (options.runs("streams")) {
                streams(direct, proxies.stream().filter(streaming::contains).toList());
            }
            contenders.stream()
                    .filter(c -> c.name().equals("gateway"))
                    .findFirst()
                    .ifPresent(gateway -> {
                        long found = EventLog.await(lab.bootstrapServers(), calls);
                        report.events(calls, found);
                    });
        }
        report.print();
    }

    private List<Contender> start(Lab lab) {
        List<Contender> contenders = new ArrayList<>();
        contenders.add(lab.direct());
        if (!options.without().contains("bare")) {
            contenders.add(lab.bareProxy());
        }
        if (!options.without().contains("gateway")) {
            contenders.add(lab.gateway());
            report.kafka(lab.kafka());
        }
        addPeer(contenders, "portkey", options.without().contains("portkey") ? null : lab.portkey());
        addPeer(contenders, "litellm", options.without().contains("litellm") ? null : lab.liteLlm());
        return contenders;
    }

    private void addPeer(List<Contender> contenders, String name, Contender peer) {
        if (peer == null) {
            report.note(name + ": left out" + (options.without().contains(name) ? "" : ", it is not installed here"));
        } else {
            contenders.add(peer);
        }
    }

    private Measured measure(Contender contender, LoadPlan plan) {
        Measured measured = contender.measure(plan);
        if (contender.name().equals("gateway")) {
            calls += measured.result().completed();
        }
        return measured;
    }

    private void warmUp(Contender contender) {
        Progress.say("warming up " + contender.name());
        Duration atMost = contender.name().equals("gateway") ? seconds(80, 110) : seconds(40, 50);
        measure(
                contender,
                new LoadPlan(contender.port(), contender.json(), CONNECTIONS, 0, atMost, contender.warmUpCalls()));
        if (contender.canStream()) {
            calls += contender.name().equals("gateway") ? 1 : 0;
            streaming.add(contender);
            measure(contender, LoadPlan.full(contender.port(), contender.stream(), 32, seconds(2, 3)));
        } else {
            report.note(contender.name() + ": answers streams with an error here; see "
                    + contender.child().log());
        }
        measure(contender, LoadPlan.at(100, contender.port(), contender.json(), seconds(1, 2)));
    }

    private void fullLoad(List<Contender> contenders) {
        Optional<Profile> profile = contenders.stream()
                .filter(c -> c.name().equals("gateway") && options.profiler() != null)
                .map(c -> new Profile(
                        options.profiler(), options.logs(), c.child().pid()))
                .findFirst();
        profile.ifPresent(Profile::start);
        for (int round = 1; round <= rounds(); round++) {
            for (Contender contender : contenders) {
                Progress.say("full load, round " + round + ", " + contender.name());
                report.kafkaBefore(contender);
                Measured measured = measure(
                        contender, LoadPlan.full(contender.port(), contender.json(), CONNECTIONS, seconds(4, 5)));
                report.kafkaAfter(contender, measured);
                full.computeIfAbsent(contender, c -> new ArrayList<>()).add(measured);
            }
        }
        profile.ifPresent(running -> report.section("Profile at full load", running.stop()));
    }

    private double capacity(Contender contender) {
        return median(full.get(contender), measured -> measured.result().perSecond());
    }

    private void halfLoad(Contender direct, List<Contender> proxies) {
        Added added = new Added(direct.name());
        for (int round = 1; round <= rounds(); round++) {
            for (Contender proxy : proxies) {
                double rate = capacity(proxy) / 2;
                Progress.say("half load, round " + round + ", " + proxy.name());
                added.add(
                        proxy.name(),
                        rate,
                        measure(direct, LoadPlan.at(rate, direct.port(), direct.json(), seconds(3, 4))),
                        measure(proxy, LoadPlan.at(rate, proxy.port(), proxy.json(), seconds(3, 4))));
            }
        }
        report.section("JSON at half of each one's own full load: added latency", added.table(false));
    }

    private void sameRate(Contender direct, List<Contender> proxies) {
        double rate = proxies.stream().mapToDouble(this::capacity).min().orElse(100) / 2;
        report.section(
                "JSON at one rate for all, half the slowest one's full load: added latency",
                oneRate(direct, proxies, rate, false, seconds(3, 5)).table(false));
    }

    private void streams(Contender direct, List<Contender> proxies) {
        report.section(
                "Streams of %d chunks, one every %d ms: added time to the first token, and to the last byte"
                        .formatted(Lab.STREAM_CHUNKS + 1, Lab.STREAM_DELAY_MS),
                oneRate(direct, proxies, 20, true, seconds(3, 5)).table(true));
        List<Contender> quick =
                proxies.stream().filter(proxy -> capacity(proxy) > 2000).toList();
        report.section(
                "The same at a rate that the peers do not reach",
                oneRate(direct, quick, 150, true, seconds(3, 5)).table(true));
    }

    private Added oneRate(Contender direct, List<Contender> proxies, double rate, boolean stream, Duration each) {
        Added added = new Added(direct.name());
        for (int round = 1; round <= (options.quick() ? 1 : 2); round++) {
            Progress.say((stream ? "streams" : "JSON") + " at " + Math.round(rate) + "/s, round " + round);
            Measured base =
                    measure(direct, LoadPlan.at(rate, direct.port(), stream ? direct.stream() : direct.json(), each));
            for (Contender proxy : proxies) {
                byte[] request = stream ? proxy.stream() : proxy.json();
                added.add(proxy.name(), rate, base, measure(proxy, LoadPlan.at(rate, proxy.port(), request, each)));
            }
        }
        return added;
    }

    static double median(List<Measured> rounds, ToDoubleFunction<Measured> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    static double[] percentiles() {
        return Arrays.copyOf(PERCENTILES, PERCENTILES.length);
    }
}
