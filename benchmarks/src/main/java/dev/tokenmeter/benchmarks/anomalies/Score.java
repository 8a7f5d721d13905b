package dev.tokenmeter.benchmarks.anomalies;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Alarms held against incidents. */
final class Score {
    private final Map<Kind, List<Duration>> delays = new EnumMap<>(Kind.class);
    private final Map<Kind, Integer> incidents = new EnumMap<>(Kind.class);
    private final Map<String, Integer> falseByRule = new TreeMap<>();
    private int right;
    private int wrong;

    void add(List<Incident> of, List<Alarm> alarms) {
        for (Incident incident : of) {
            incidents.merge(incident.kind(), 1, Integer::sum);
            alarms.stream()
                    .filter(alarm -> alarm.isAbout(incident))
                    .min(Comparator.comparing(Alarm::at))
                    .ifPresent(first -> delays.computeIfAbsent(incident.kind(), kind -> new ArrayList<>())
                            .add(Duration.between(incident.start(), first.at())));
        }
        for (Alarm alarm : alarms) {
            if (of.stream().anyMatch(alarm::isAbout)) {
                right++;
            } else {
                wrong++;
                falseByRule.merge(alarm.rule(), 1, Integer::sum);
            }
        }
    }

    private static String share(int part, int all) {
        return all == 0 ? "–" : Math.round(100.0 * part / all) + " %";
    }

    private static String median(List<Duration> delays) {
        if (delays.isEmpty()) {
            return "–";
        }
        long minutes = delays.stream().sorted().toList().get(delays.size() / 2).toMinutes();
        return minutes < 120 ? minutes + " min" : String.format(Locale.ROOT, "%.1f h", minutes / 60.0);
    }

    /** Rows of a table: all kinds, and each. */
    void print(String rules) {
        int found = delays.values().stream().mapToInt(List::size).sum();
        int all = incidents.values().stream().mapToInt(Integer::intValue).sum();
        List<Duration> every = delays.values().stream().flatMap(List::stream).toList();
        System.out.printf(
                "| **%s** | %d | **%s** | **%s** | **%s** |%n",
                rules, right + wrong, share(right, right + wrong), share(found, all), median(every));
        incidents.forEach((kind, count) -> {
            List<Duration> its = delays.getOrDefault(kind, List.of());
            System.out.printf("| %s | | | %d of %d | %s |%n", kind, its.size(), count, median(its));
        });
        if (!falseByRule.isEmpty()) {
            System.out.printf("| false alarms: %s | | | | |%n", falseByRule);
        }
    }
}
