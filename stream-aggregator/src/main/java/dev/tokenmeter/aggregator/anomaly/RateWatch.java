package dev.tokenmeter.aggregator.anomaly;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeSet;

/**
 * Puts the busiest slot of a key's day before the rule, when it changes and when that of a day before it does. One anomaly for
 * each key and day, however many slots break the rule.
 */
final class RateWatch {
    private final TokenRate rule;
    private final List<String> dimensions;
    private final Cells cells;
    private final Details details;
    private final Incidents incidents;

    RateWatch(DetectorConfig config, Cells cells, Details details, Incidents incidents) {
        this.rule = config.tokens();
        this.dimensions = config.dimensions();
        this.cells = cells;
        this.details = details;
        this.incidents = incidents;
    }

    void judge(Subject key, Touched touched, Instant now) {
        Set<LocalDate> raised = new TreeSet<>();
        touched.slots.forEach((slot, sum) -> {
            if (cells.raisePeak(key, touched.day(slot), sum)) {
                raised.add(touched.day(slot));
            }
        });
        for (LocalDate day : raised) {
            LocalDate last = earlier(day.plusDays(rule.windowDays()), earlier(touched.lastDay(), touched.day(now)));
            if (!last.isAfter(day) && isSmall(touched, day)) {
                continue;
            }
            NavigableMap<LocalDate, Amount> peaks = cells.peaks(key, day.minusDays(rule.windowDays()), last);
            peaks.tailMap(day, true)
                    .forEach((of, peak) -> judge(
                            new Incidents.About(TokenRate.NAME, key, of, touched.zone), peak, peaks, touched, now));
        }
    }

    private static LocalDate earlier(LocalDate a, LocalDate b) {
        return a.isBefore(b) ? a : b;
    }

    /** Tokens are never taken back, so a small peak was none before. */
    private boolean isSmall(Touched touched, LocalDate day) {
        return touched.slots.entrySet().stream()
                .filter(slot -> touched.day(slot.getKey()).equals(day))
                .allMatch(slot -> slot.getValue().tokens() < rule.minTokens());
    }

    private void judge(
            Incidents.About about, Amount peak, NavigableMap<LocalDate, Amount> peaks, Touched touched, Instant now) {
        LocalDate first = about.day().minusDays(rule.windowDays());
        NavigableMap<LocalDate, Amount> history = peaks.subMap(first, true, about.day(), false);
        Long expected = rule.judge(
                        peak.tokens(),
                        history.values().stream().map(Amount::tokens).toList())
                .orElse(null);
        if (expected == null) {
            incidents.takeBack(about, now);
            return;
        }
        ZoneId zone = about.zone();
        Instant start = about.day().atStartOfDay(zone).toInstant();
        Instant end = about.day().plusDays(1).atStartOfDay(zone).toInstant();
        // Where a past day turned out odd, in which slot it began is not kept.
        Instant since = touched.slots.entrySet().stream()
                .filter(slot -> slot.getValue().tokens() == peak.tokens())
                .map(Map.Entry::getKey)
                .filter(slot -> touched.day(slot).equals(about.day()))
                .findFirst()
                .orElse(start);
        Finding finding = new Finding(
                peak, new Finding.Expected(usd(peak, expected), expected, null), rule.factor(), since, since, end);
        incidents.tell(about, finding, () -> breakdown(about, touched.firstDay()), now);
    }

    /** What the expected tokens cost at the price of those seen. */
    private static BigDecimal usd(Amount seen, long expected) {
        return seen.usd()
                .multiply(BigDecimal.valueOf(expected))
                .divide(BigDecimal.valueOf(seen.tokens()), Money.SCALE, RoundingMode.HALF_UP);
    }

    /** The key's day beside its average day. */
    private Breakdown breakdown(Incidents.About about, LocalDate firstDay) {
        LocalDate first = about.day().minusDays(rule.windowDays());
        first = firstDay.isAfter(first) ? firstDay : first;
        return Breakdown.ofDay(details, dimensions, about.subject(), about.day(), first);
    }
}
