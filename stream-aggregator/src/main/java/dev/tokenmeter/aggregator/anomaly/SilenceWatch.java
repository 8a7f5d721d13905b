package dev.tokenmeter.aggregator.anomaly;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Looks once an hour which sources have stopped, as nothing comes that could tell of it; one that calls again is no longer
 * silent. After a week of silence a source is forgotten.
 */
final class SilenceWatch {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration WEEK = Duration.ofDays(7);

    private final SilentSource rule;
    private final Set<String> dimensions;
    private final List<String> explained;
    private final Function<String, ZoneId> zones;
    private final Cells cells;
    private final Incidents incidents;
    /** Start of the last slot in which each called, tenants first. */
    private final Map<Subject, Known> sources = new LinkedHashMap<>();
    /** The day of the last call of those that were told. */
    private final Map<Subject, LocalDate> silent = new HashMap<>();

    private Instant lookedAt = Instant.MIN;

    SilenceWatch(
            DetectorConfig config,
            Function<String, ZoneId> zones,
            Cells cells,
            Subjects subjects,
            Incidents incidents) {
        this.rule = config.silence();
        this.dimensions = config.sources();
        this.explained = config.dimensions();
        this.zones = zones;
        this.cells = cells;
        this.incidents = incidents;
        subjects.forEach(this::see);
        sources.forEach((source, known) -> {
            if (incidents.stands(about(source, known.last()))) {
                silent.put(source, day(source, known.last()));
            }
        });
    }

    /** Notes that it called. */
    void see(Subject source, Known known) {
        if (dimensions.contains(source.dimension())) {
            sources.put(source, known);
        }
    }

    /** Takes back that it is silent, where it called after its last call known so far. */
    void judge(Subject source, Touched touched, Instant now) {
        if (!dimensions.contains(source.dimension())) {
            return;
        }
        see(source, touched.after);
        LocalDate day = silent.get(source);
        if (day != null && (touched.before == null || touched.after.last().isAfter(touched.before.last()))) {
            silent.remove(source);
            incidents.takeBack(new Incidents.About(SilentSource.NAME, source, day, touched.zone), now);
        }
    }

    /** Looks at all, if an hour has ended since it did last. */
    void look(Instant now) {
        Instant hour = Slots.hourOf(now);
        if (!hour.isAfter(lookedAt)) {
            return;
        }
        lookedAt = hour;
        sources.values().removeIf(known -> known.last().isBefore(now.minus(WEEK)));
        sources.forEach((source, known) -> {
            if (source.isTenant()) {
                look(source, known, now);
            }
        });
        sources.forEach((source, known) -> {
            if (!source.isTenant()) {
                look(source, known, now);
            }
        });
    }

    private void look(Subject source, Known known, Instant now) {
        ZoneId zone = zones.apply(source.tenant());
        Instant lastHour = Slots.hourOf(known.last(), zone);
        if (silent.containsKey(source)
                || lastHour.plus(HOUR.multipliedBy(rule.hours() + 1L)).isAfter(now)) {
            return;
        }
        List<List<Long>> sameHours = new ArrayList<>();
        for (Instant hour = lastHour.plus(HOUR); !hour.plus(HOUR).isAfter(now); hour = hour.plus(HOUR)) {
            sameHours.add(sameHours(source, known, hour, zone));
        }
        rule.judge(sameHours).ifPresent(expected -> {
            Incidents.About about = about(source, known.last());
            Instant end = known.last().plus(WEEK);
            Finding finding = new Finding(
                    Amount.NONE,
                    new Finding.Expected(Money.ZERO, null, expected),
                    BigDecimal.ONE,
                    known.last(),
                    known.last(),
                    end);
            silent.put(source, about.day());
            incidents.tell(about, finding, () -> new Breakdown(explained, source, 1), now);
        });
    }

    private List<Long> sameHours(Subject source, Known known, Instant hour, ZoneId zone) {
        List<Long> calls = new ArrayList<>();
        for (int week = 1; week <= rule.weeks(); week++) {
            Instant same = hour.atZone(zone).minusWeeks(week).toInstant();
            if (!same.isBefore(known.first())) {
                Amount amount = cells.hour(source, same);
                calls.add(amount == null ? 0L : amount.requests());
            }
        }
        return calls;
    }

    private Incidents.About about(Subject source, Instant last) {
        return new Incidents.About(SilentSource.NAME, source, day(source, last), zones.apply(source.tenant()));
    }

    private LocalDate day(Subject source, Instant at) {
        return LocalDate.ofInstant(at, zones.apply(source.tenant()));
    }
}
