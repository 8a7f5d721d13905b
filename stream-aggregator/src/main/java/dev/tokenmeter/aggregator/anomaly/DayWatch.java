package dev.tokenmeter.aggregator.anomaly;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.NavigableMap;

/**
 * Puts a day that changed before the rule, and with it all later days that are compared with it; so what stands in the end
 * does not depend on the order in which events came.
 */
final class DayWatch {
    private final DayOverAverage ofTenants;
    private final DayOverAverage ofGroups;
    private final List<String> dimensions;
    private final Cells cells;
    private final Details details;
    private final Incidents incidents;

    DayWatch(DetectorConfig config, Cells cells, Details details, Incidents incidents) {
        this.ofTenants = config.days();
        this.ofGroups = config.days().withMinSpend(config.groupMinSpendUsd());
        this.dimensions = config.dimensions();
        this.cells = cells;
        this.details = details;
        this.incidents = incidents;
    }

    void judge(Subject subject, Touched touched, Instant now) {
        DayOverAverage rule = subject.isTenant() ? ofTenants : ofGroups;
        LocalDate first = touched.days.firstKey();
        if (touched.days.size() == 1
                && !first.isBefore(touched.lastDay())
                && touched.days.get(first).usd().compareTo(rule.minSpendUsd()) < 0
                && !incidents.stands(about(subject, first, touched.zone))) {
            return; // nearly every change: a small sum of the running day
        }
        LocalDate last = earlier(lastCompared(rule, touched), touched.day(now));
        NavigableMap<LocalDate, Amount> sums = cells.days(subject, first.minusDays(rule.windowDays()), last);
        for (LocalDate day : sums.tailMap(first, true).keySet()) {
            judge(rule, about(subject, day, touched.zone), sums, touched.firstDay(), now);
        }
    }

    /** The last day whose verdict the change may alter. */
    private static LocalDate lastCompared(DayOverAverage rule, Touched touched) {
        // A new first day makes empty days count that did not, for all that are compared with the old one.
        LocalDate changed = touched.days.lastKey();
        LocalDate known = touched.firstDayBefore();
        return (known.isAfter(changed) ? known : changed).plusDays(rule.windowDays());
    }

    private static LocalDate earlier(LocalDate a, LocalDate b) {
        return a.isBefore(b) ? a : b;
    }

    private void judge(
            DayOverAverage rule,
            Incidents.About about,
            NavigableMap<LocalDate, Amount> sums,
            LocalDate firstDay,
            Instant now) {
        BigDecimal expected = rule.judge(about.day(), sums, firstDay).orElse(null);
        if (expected == null) {
            incidents.takeBack(about, now);
            return;
        }
        Instant start = about.day().atStartOfDay(about.zone()).toInstant();
        Instant end = about.day().plusDays(1).atStartOfDay(about.zone()).toInstant();
        Finding finding = new Finding(
                sums.get(about.day()), Finding.Expected.ofSpend(expected), rule.factor(), start, start, end);
        incidents.tell(
                about,
                finding,
                () -> Breakdown.ofDay(
                        details, dimensions, about.subject(), about.day(), rule.firstCompared(about.day(), firstDay)),
                now);
    }

    private static Incidents.About about(Subject subject, LocalDate day, ZoneId zone) {
        return new Incidents.About(DayOverAverage.NAME, subject, day, zone);
    }
}
