package dev.tokenmeter.benchmarks.anomalies;

import dev.tokenmeter.aggregator.AnomalySettings;
import dev.tokenmeter.aggregator.anomaly.Delta;
import dev.tokenmeter.aggregator.anomaly.Detector;
import dev.tokenmeter.aggregator.anomaly.DetectorConfig;
import dev.tokenmeter.aggregator.anomaly.DetectorState;
import dev.tokenmeter.aggregator.anomaly.Slots;
import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.service.Settings;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Labelled traffic of many tenants through the detector as it is shipped, with the plain rule alone and with all: how many
 * alarms were right, how many incidents were found, how long that took.
 */
public final class AnomalyBenchmark {
    private static final String PREFIX = "stream-aggregator.anomaly.";

    private final int tenants;
    private final long seed;
    private final Map<String, String> settings;
    private final boolean verbose;

    private AnomalyBenchmark(int tenants, long seed, Map<String, String> settings, boolean verbose) {
        this.tenants = tenants;
        this.seed = seed;
        this.settings = settings;
        this.verbose = verbose;
    }

    public static void main(String[] args) {
        int tenants = 40;
        long seed = 1;
        Map<String, String> settings = new HashMap<>();
        boolean verbose = false;
        for (String arg : args) {
            String value = arg.substring(arg.indexOf('=') + 1);
            if (arg.startsWith("--tenants=")) {
                tenants = Integer.parseInt(value);
            } else if (arg.startsWith("--seed=")) {
                seed = Long.parseLong(value);
            } else if (arg.startsWith("--set=")) {
                settings.put(PREFIX + value.substring(0, value.indexOf('=')), value.substring(value.indexOf('=') + 1));
            } else if (arg.equals("--verbose")) {
                verbose = true;
            } else {
                throw new IllegalArgumentException(
                        "found " + arg + "; allowed: --tenants=N --seed=N --set=KEY=VALUE --verbose");
            }
        }
        new AnomalyBenchmark(tenants, seed, settings, verbose).run();
    }

    private void run() {
        System.out.printf(
                "%d tenants, 8 weeks of calls each, the last 4 with incidents; seed %d, settings %s%n%n",
                tenants, seed, settings.isEmpty() ? "as shipped" : settings);
        System.out.println("| rules | alarms | precision | recall | median delay |");
        System.out.println("|---|---:|---:|---:|---:|");
        measure("a day over twice its average, tenants alone", Map.of("rules", "day_over_average", "groups", "none"));
        measure("the same, and groups of tenants", Map.of("rules", "day_over_average"));
        measure("all rules", Map.of());
    }

    private void measure(String name, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(settings);
        more.forEach((key, value) -> all.put(PREFIX + key, value));
        DetectorConfig config = AnomalySettings.from(Settings.of(all));
        Score score = new Score();
        for (int i = 0; i < tenants; i++) {
            Traffic traffic = new Traffic(i, seed);
            List<Alarm> alarms = alarms(traffic, config);
            score.add(traffic.incidents(), alarms);
            if (verbose) {
                explain(traffic, alarms);
            }
        }
        score.print(name);
    }

    private static List<Alarm> alarms(Traffic traffic, DetectorConfig config) {
        List<Alarm> alarms = new ArrayList<>();
        Set<String> told = new HashSet<>();
        Instant[] now = {Traffic.START};
        Detector detector =
                new Detector(config, tenant -> ZoneId.of("UTC"), DetectorState.inMemory(), (Anomaly anomaly) -> {
                    boolean isAlarm = anomaly.getPartOf() == null && !anomaly.getResolved();
                    if (isAlarm
                            && told.add(anomaly.getAnomalyId())
                            && now[0].isAfter(Traffic.START.plus(Traffic.WARM_UP))) {
                        alarms.add(new Alarm(anomaly.getRule(), anomaly.getAnomalyId(), now[0]));
                    }
                });
        Instant end = Traffic.START.plus(Traffic.LENGTH);
        for (Instant slot = Traffic.START; slot.isBefore(end); slot = now[0]) {
            now[0] = slot.plus(Slots.LENGTH);
            detector.add(dimensions(traffic.slot(slot), config), now[0]);
            detector.look(now[0]);
        }
        return alarms;
    }

    private static List<Delta> dimensions(List<Delta> deltas, DetectorConfig config) {
        return config.dimensions().isEmpty()
                ? deltas.stream()
                        .map(delta -> new Delta(delta.tenant(), delta.slot(), List.of(), delta.amount()))
                        .toList()
                : deltas;
    }

    private static void explain(Traffic traffic, List<Alarm> alarms) {
        traffic.incidents().stream()
                .filter(incident -> alarms.stream().noneMatch(alarm -> alarm.isAbout(incident)))
                .forEach(missed -> System.out.println("  missed by " + traffic.tenant() + ": " + missed));
        alarms.stream()
                .filter(alarm -> traffic.incidents().stream().noneMatch(alarm::isAbout))
                .forEach(wrong -> System.out.println("  false: " + wrong));
    }
}
