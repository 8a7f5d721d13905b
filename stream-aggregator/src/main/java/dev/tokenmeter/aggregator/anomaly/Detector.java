package dev.tokenmeter.aggregator.anomaly;

import dev.tokenmeter.schemas.Anomaly;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Adds what is new to the sums of each subject, and puts what has changed before the rules. What stands in the end does not
 * depend on the order in which figures come, but for which anomaly is part of which and, where there are more values than are
 * told apart, for which of them are.
 */
public final class Detector {
    private final DetectorConfig config;
    private final Function<String, ZoneId> zones;
    private final Cells cells;
    private final Details details;
    private final Subjects subjects;
    private final DayWatch days;
    private final HourWatch hours;
    private final RateWatch rates;
    private final SilenceWatch silence;

    /**
     * @param zones by whose clocks the days and hours of a tenant are; the same each time
     * @param listener takes each record of an anomaly, for the topic
     */
    public Detector(
            DetectorConfig config, Function<String, ZoneId> zones, DetectorState state, Consumer<Anomaly> listener) {
        this.config = config;
        this.zones = zones;
        this.cells = new Cells(state.cells());
        this.details = new Details(state.details());
        this.subjects = new Subjects(state.subjects(), config.maxSubjects());
        Incidents incidents = new Incidents(state.told(), listener);
        this.days = new DayWatch(config, cells, details, incidents);
        this.hours = new HourWatch(config, cells, details, incidents);
        this.rates = new RateWatch(config, cells, details, incidents);
        this.silence = new SilenceWatch(config, zones, cells, subjects, incidents);
    }

    /**
     * Takes what is new.
     *
     * @param now wall clock; what is after it is kept and not judged
     * @return of how many of them a value was not told apart
     */
    public int add(Collection<Delta> deltas, Instant now) {
        Map<Subject, Touched> touched = new LinkedHashMap<>();
        Map<String, Amount> parts = new LinkedHashMap<>();
        int others = 0;
        for (Delta delta : deltas) {
            others += spread(delta, touched, parts) ? 1 : 0;
        }
        parts.forEach(details::add);
        touched.forEach(this::store);
        touched.forEach((subject, at) -> judge(subject, at, now));
        return others;
    }

    /** Whether a value is not told apart. */
    private boolean spread(Delta delta, Map<Subject, Touched> touched, Map<String, Amount> parts) {
        String tenant = delta.tenant();
        ZoneId zone = zones.apply(tenant);
        LocalDate day = LocalDate.ofInstant(delta.slot(), zone);
        Instant hour = Slots.hourOf(delta.slot(), zone);
        touched.computeIfAbsent(Subject.of(tenant), all -> new Touched(zone))
                .add(day, hour, delta.slot(), delta.amount());
        List<String> values = new ArrayList<>(delta.values().size());
        boolean isOther = false;
        for (int i = 0; i < config.dimensions().size(); i++) {
            String value = delta.values().get(i);
            Subject subject = new Subject(tenant, config.dimensions().get(i), value);
            if (!value.isEmpty() && !subjects.admit(subject, delta.slot())) {
                isOther = true;
                value = Subjects.OTHER;
            } else if (!value.isEmpty()) {
                touched.computeIfAbsent(subject, one -> new Touched(zone)).add(day, hour, delta.slot(), delta.amount());
            }
            values.add(value);
        }
        parts.merge(Details.dayKey(tenant, day, values), delta.amount(), Amount::plus);
        parts.merge(Details.hourKey(tenant, hour, values), delta.amount(), Amount::plus);
        return isOther;
    }

    private void store(Subject subject, Touched at) {
        at.before = subjects.get(subject);
        at.after = subjects.see(subject, at.slots.firstKey(), at.slots.lastKey());
        at.days.replaceAll((day, more) -> cells.addToDay(subject, day, more));
        at.hours.replaceAll((hour, more) -> cells.addToHour(subject, hour, more));
        if (subject.dimension().equals(DetectorConfig.KEY)) {
            at.slots.replaceAll((slot, more) -> cells.addToSlot(subject, slot, more));
        }
    }

    private void judge(Subject subject, Touched at, Instant now) {
        if (config.asks(TokenRate.NAME) && subject.dimension().equals(DetectorConfig.KEY)) {
            rates.judge(subject, at, now);
        }
        if (config.asks(HourOfWeek.NAME)) {
            hours.judge(subject, at, now);
        }
        if (config.asks(DayOverAverage.NAME)) {
            days.judge(subject, at, now);
        }
        if (config.asks(SilentSource.NAME)) {
            silence.judge(subject, at, now);
        }
    }

    /** Looks for what has stopped. To be called now and then, while all that was called until now is known here. */
    public void look(Instant now) {
        if (config.asks(SilentSource.NAME)) {
            silence.look(now);
        }
    }

    /** Whether a cell is not needed any more: {@code days} is the first day, {@code hours} the first hour that is. */
    public static boolean isExpiredCell(String key, LocalDate days, Instant hours, Instant slots) {
        return Cells.isExpired(key, days, hours, slots);
    }

    /** The same of a detail. */
    public static boolean isExpiredDetail(String key, LocalDate days, Instant hours) {
        return Details.isExpired(key, days, hours);
    }

    /** The same of what was told. */
    public static boolean isExpiredWord(String key, LocalDate days) {
        return Incidents.isExpired(key, days);
    }

    /** Some subjects may have been dropped from the state. */
    public void forgetCounts() {
        subjects.recount();
    }
}
