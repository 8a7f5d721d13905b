package dev.tokenmeter.aggregator.anomaly;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What was told. An anomaly, of one rule, subject and day, is told when it is found, again when what was seen has more than
 * doubled since, and taken back should it turn out to be none.
 *
 * <p>What has one cause breaks rules of several subjects: a tenant's day, and that of its team, key and model. People want to
 * hear of it once. So an anomaly is <em>part of</em> another one of the same tenant and day that was told before and stands, if
 * <ul>
 *   <li>the other is about all of the tenant or about the same subject, and of the same rule or at least half as large; or
 *   <li>at least half of its own difference is the other's subject's.
 * </ul>
 * Which key uses many tokens at once is a matter of its own, and part only of what was told of that key; a silent source is
 * part only of a tenant that is silent altogether. What was part of one that is taken back is told anew.
 */
final class Incidents {
    private static final BigDecimal CRITICAL = BigDecimal.valueOf(5);
    private static final BigDecimal TWO = BigDecimal.valueOf(2);
    private static final long MICROS_PER_MILLI = 1000;

    private final Table<Anomaly> told;
    private final Consumer<Anomaly> listener;

    /** What an anomaly is about. */
    record About(String rule, Subject subject, LocalDate day, ZoneId zone) {
        private String key() {
            return Keys.of(subject.tenant(), day.toString(), rule, subject.dimension(), subject.value());
        }

        /** Same rule, subject and day: same id. */
        String id() {
            String id = rule + "|" + subject.tenant() + "|" + day;
            return subject.isTenant() ? id : id + "|" + subject.dimension() + "|" + subject.value();
        }
    }

    Incidents(Table<Anomaly> told, Consumer<Anomaly> listener) {
        this.told = told;
        this.listener = listener;
    }

    boolean stands(About about) {
        Anomaly before = told.get(about.key());
        return before != null && !before.getResolved();
    }

    /** Takes it back if it stands. */
    void takeBack(About about, Instant now) {
        Anomaly before = told.get(about.key());
        if (before == null || before.getResolved()) {
            return;
        }
        say(about.key(), Anomaly.newBuilder(before).setResolved(true), before, now);
        for (Anomaly part : ofDay(about)) {
            if (!part.getResolved() && before.getAnomalyId().equals(part.getPartOf())) {
                say(keyOf(part, about.day()), Anomaly.newBuilder(part).setPartOf(null), part, now);
            }
        }
    }

    /** @param breakdown is asked where it must be told */
    void tell(About about, Finding finding, Supplier<Breakdown> breakdown, Instant now) {
        Anomaly before = told.get(about.key());
        boolean stood = before != null && !before.getResolved();
        if (stood && !hasDoubled(before, finding)) {
            return;
        }
        Breakdown parts = breakdown.get();
        Anomaly.Builder anomaly = anomaly(about, finding, parts);
        anomaly.setDetectedAt(stood ? before.getDetectedAt() : now);
        anomaly.setPartOf(stood ? before.getPartOf() : partOf(about, anomaly, parts));
        say(about.key(), anomaly, before, now);
    }

    private void say(String key, Anomaly.Builder anomaly, Anomaly before, Instant now) {
        long revision = before == null ? 0 : before.getRevision();
        Anomaly said = anomaly.setRevision(Math.max(revision + 1, now.toEpochMilli() * MICROS_PER_MILLI))
                .build();
        told.put(key, said);
        listener.accept(said);
    }

    private static boolean hasDoubled(Anomaly before, Finding finding) {
        Amount seen = finding.observed();
        return seen.usd().compareTo(before.getObservedUsd().multiply(TWO)) > 0
                || before.getExpectedTokens() != null && seen.tokens() > 2 * before.getObservedTokens();
    }

    private static Anomaly.Builder anomaly(About about, Finding finding, Breakdown parts) {
        Finding.Expected expected = finding.expected();
        Amount observed = finding.observed();
        return Anomaly.newBuilder()
                .setAnomalyId(about.id())
                .setTenant(about.subject().tenant())
                .setRule(about.rule())
                .setDimensions(about.subject().dimensions())
                .setWindowStart(finding.start())
                .setWindowEnd(finding.end())
                .setSince(finding.since())
                .setTimeZone(
                        about.zone().equals(ZoneOffset.UTC)
                                ? "UTC"
                                : about.zone().getId())
                .setObservedUsd(observed.usd())
                .setExpectedUsd(expected.usd())
                .setFactor(Money.exact(finding.factor()))
                .setObservedTokens(observed.tokens())
                .setExpectedTokens(expected.tokens())
                .setObservedRequests(observed.requests())
                .setExpectedRequests(expected.requests())
                .setSeverity(isCritical(observed, expected) ? "critical" : "warning")
                .setDetectedAt(finding.since())
                .setContributors(parts.contributors());
    }

    private static boolean isCritical(Amount observed, Finding.Expected expected) {
        return expected.tokens() == null
                ? observed.usd().compareTo(CRITICAL.multiply(expected.usd())) > 0
                : BigDecimal.valueOf(observed.tokens())
                                .compareTo(CRITICAL.multiply(BigDecimal.valueOf(expected.tokens())))
                        > 0;
    }

    /** Null for none. */
    private String partOf(About about, Anomaly.Builder anomaly, Breakdown parts) {
        for (Anomaly other : ofDay(about)) {
            if (!other.getResolved()
                    && other.getPartOf() == null
                    && !other.getAnomalyId().equals(about.id())
                    && isPartOf(about, excess(anomaly.build()), parts, other)) {
                return other.getAnomalyId();
            }
        }
        return null;
    }

    private static boolean isPartOf(About about, BigDecimal excess, Breakdown parts, Anomaly other) {
        Subject its = subjectOf(other);
        boolean sameSubject = its.equals(about.subject());
        boolean silent = about.rule().equals(SilentSource.NAME);
        if (silent || other.getRule().equals(SilentSource.NAME)) {
            return silent && other.getRule().equals(SilentSource.NAME) && its.isTenant();
        }
        if (about.rule().equals(TokenRate.NAME)) {
            return sameSubject;
        }
        if (sameSubject || its.isTenant()) {
            return other.getRule().equals(about.rule())
                    || excess(other).multiply(TWO).compareTo(excess) >= 0;
        }
        return parts.isMostlyOf(its);
    }

    private static BigDecimal excess(Anomaly anomaly) {
        return anomaly.getObservedUsd().subtract(anomaly.getExpectedUsd());
    }

    private List<Anomaly> ofDay(About about) {
        List<Anomaly> all = new ArrayList<>();
        String prefix = Keys.of(about.subject().tenant(), about.day().toString());
        told.scan(prefix, Keys.after(prefix), (key, anomaly) -> all.add(anomaly));
        return all;
    }

    private static String keyOf(Anomaly anomaly, LocalDate day) {
        Subject subject = subjectOf(anomaly);
        return Keys.of(anomaly.getTenant(), day.toString(), anomaly.getRule(), subject.dimension(), subject.value());
    }

    private static Subject subjectOf(Anomaly anomaly) {
        return anomaly.getDimensions().entrySet().stream()
                .filter(dimension -> !dimension.getKey().equals(Subject.TENANT))
                .map(dimension -> new Subject(anomaly.getTenant(), dimension.getKey(), dimension.getValue()))
                .findFirst()
                .orElse(Subject.of(anomaly.getTenant()));
    }

    /** Whether an entry is about a day before the given one. */
    static boolean isExpired(String key, LocalDate oldest) {
        return LocalDate.parse(Keys.parts(key).get(1)).isBefore(oldest);
    }
}
