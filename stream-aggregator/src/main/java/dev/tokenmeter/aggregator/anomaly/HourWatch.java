package dev.tokenmeter.aggregator.anomaly;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Puts hours that changed before the rule, and with them all later ones that are compared with them. The odd hours of a
 * subject's day are one anomaly: what they spent together beside what was expected of them, since the first. Hours are judged
 * for a week; then what stands stands, as what they are compared with is forgotten.
 */
final class HourWatch {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int DAYS_OF_WEEK = 7;
    private static final int HOURS_OF_WEEK = 7 * 24;
    private static final int LINES = 10_000;

    private final HourOfWeek ofTenants;
    private final HourOfWeek ofGroups;
    private final List<String> dimensions;
    private final Cells cells;
    private final Details details;
    private final Incidents incidents;
    /** The lines of hours of late, as long as nothing before them changes. */
    private final Map<At, Optional<HourOfWeek.Line>> lines = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<At, Optional<HourOfWeek.Line>> eldest) {
            return size() > LINES;
        }
    };

    private record At(Subject subject, Instant hour) {}

    HourWatch(DetectorConfig config, Cells cells, Details details, Incidents incidents) {
        this.ofTenants = config.hours();
        this.ofGroups = config.hours().withMinSpend(config.groupHourMinSpendUsd());
        this.dimensions = config.dimensions();
        this.cells = cells;
        this.details = details;
        this.incidents = incidents;
    }

    void judge(Subject subject, Touched touched, Instant now) {
        HourOfWeek rule = subject.isTenant() ? ofTenants : ofGroups;
        Instant first = touched.hours.firstKey();
        NavigableMap<Instant, Amount> changed = touched.hours;
        if (!touched.isLatest(first)) {
            lines.clear();
            changed = cells.hours(subject, first, lastCompared(rule, touched));
        }
        SortedSet<LocalDate> days = new TreeSet<>();
        changed.subMap(now.minus(DetectorConfig.HOURS_JUDGED), true, now, true).forEach((hour, spent) -> {
            if (isNews(rule, subject, touched, hour, spent)) {
                days.add(touched.day(hour));
            }
        });
        days.forEach(day -> tell(rule, about(subject, day, touched.zone), touched.after.first(), now));
    }

    /** Before it are all hours whose verdict the change may alter. */
    private static Instant lastCompared(HourOfWeek rule, Touched touched) {
        Instant last = touched.hours.lastKey();
        if (touched.before != null && touched.before.first().isAfter(last)) {
            last = touched.before.first(); // hours without figures count that did not
        }
        return last.plus(Duration.ofDays((long) DAYS_OF_WEEK * rule.weeks() + 2)); // and the hours beside
    }

    /** Whether the day must be told of: a verdict is another, or the hour is odd and has changed. */
    private boolean isNews(HourOfWeek rule, Subject subject, Touched touched, Instant hour, Amount spent) {
        Amount expected = null;
        if (spent.usd().compareTo(rule.minSpendUsd()) >= 0) {
            expected = lines.computeIfAbsent(new At(subject, hour), at -> line(rule, subject, touched, hour))
                    .filter(line -> rule.isBroken(spent.usd(), line))
                    .map(line -> new Amount(line.expected().setScale(Money.SCALE, RoundingMode.HALF_UP), 0, 0))
                    .orElse(null);
        }
        return cells.setOddHour(subject, hour, expected) || expected != null;
    }

    private Optional<HourOfWeek.Line> line(HourOfWeek rule, Subject subject, Touched touched, Instant hour) {
        List<BigDecimal> sample = new ArrayList<>();
        int weeks = 0;
        for (Instant same : sameHours(rule, hour, touched.zone, touched.after.first())) {
            weeks++;
            for (int beside = -1; beside <= 1; beside++) {
                Amount spent = cells.hour(subject, same.plus(HOUR.multipliedBy(beside)));
                sample.add(spent == null ? Money.ZERO : spent.usd());
            }
        }
        LocalDate day = touched.day(hour);
        Collection<Amount> week = cells.days(subject, day.minusDays(DAYS_OF_WEEK), day.minusDays(1))
                .values();
        return weeks < Math.max(1, rule.minWeeks()) || week.size() < HourOfWeek.MIN_DAYS
                ? Optional.empty()
                : Optional.of(rule.line(sample, averageHour(week)));
    }

    /** The same hour of the weeks before since the subject's first figures. */
    private static List<Instant> sameHours(HourOfWeek rule, Instant hour, ZoneId zone, Instant known) {
        List<Instant> hours = new ArrayList<>();
        for (int week = 1; week <= rule.weeks(); week++) {
            Instant same = hour.atZone(zone).minusWeeks(week).toInstant();
            if (!same.isBefore(known)) {
                hours.add(same);
            }
        }
        return hours;
    }

    private static BigDecimal averageHour(Collection<Amount> week) {
        BigDecimal spent = week.stream().map(Amount::usd).reduce(Money.ZERO, BigDecimal::add);
        return spent.divide(BigDecimal.valueOf(HOURS_OF_WEEK), Money.SCALE, RoundingMode.HALF_UP);
    }

    private void tell(HourOfWeek rule, Incidents.About about, Instant known, Instant now) {
        Instant start = about.day().atStartOfDay(about.zone()).toInstant();
        Instant end = about.day().plusDays(1).atStartOfDay(about.zone()).toInstant();
        NavigableMap<Instant, Amount> odd = cells.oddHours(about.subject(), start, end);
        if (odd.isEmpty()) {
            incidents.takeBack(about, now);
            return;
        }
        Amount observed = Amount.NONE;
        BigDecimal expected = Money.ZERO;
        for (Map.Entry<Instant, Amount> hour : odd.entrySet()) {
            observed = observed.plus(cells.hour(about.subject(), hour.getKey()));
            expected = expected.add(hour.getValue().usd());
        }
        Finding finding = new Finding(
                observed,
                Finding.Expected.ofSpend(expected),
                rule.factor(),
                odd.firstKey(),
                odd.firstKey(),
                odd.lastKey().plus(HOUR));
        incidents.tell(about, finding, () -> breakdown(rule, about, odd, known), now);
    }

    /** The odd hours beside the average of the same hours in the weeks before. */
    private Breakdown breakdown(
            HourOfWeek rule, Incidents.About about, NavigableMap<Instant, Amount> odd, Instant known) {
        String tenant = about.subject().tenant();
        int weeks = sameHours(rule, odd.firstKey(), about.zone(), known).size();
        Breakdown parts = new Breakdown(dimensions, about.subject(), weeks);
        for (Instant hour : odd.keySet()) {
            details.hour(tenant, hour, parts::observed);
            for (int week = 1; week <= weeks; week++) {
                details.hour(tenant, hour.atZone(about.zone()).minusWeeks(week).toInstant(), parts::before);
            }
        }
        return parts;
    }

    private static Incidents.About about(Subject subject, LocalDate day, ZoneId zone) {
        return new Incidents.About(HourOfWeek.NAME, subject, day, zone);
    }
}
