package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;

/**
 * The rule {@code day_over_average}: a day (UTC) on which a tenant spends more than {@code factor} times its average day.
 *
 * <p>Exactly: let D be a day, and look at the {@code windowDays} calendar days before it. Of these the average takes all
 * from the tenant's first day with data on; a day in between without data counts as one on which nothing was spent. The
 * rule is broken when
 * <ul>
 *   <li>at least {@code minHistoryDays} of the days before D in the window have data,
 *   <li>the spend of D is at least {@code minSpendUsd}, and
 *   <li>the spend of D is greater than {@code factor} times the average; exactly the multiple does not break it. The
 *       comparison is exact, without a division.
 * </ul>
 *
 * <p>D is judged at every change of its spend or of that of a day before it with which it is compared. So the rule fires as
 * soon as the running day crosses the line, and holds for past days as well, in whatever order their events came. A day in
 * the future of the wall clock (a broken clock somewhere) is not judged.
 *
 * @param factor multiple of the average that is still normal
 * @param windowDays trailing calendar days
 * @param minHistoryDays days with data that it takes to know what is normal
 * @param minSpendUsd a day below it is not worth an alarm, USD
 */
record DayOverAverage(BigDecimal factor, int windowDays, int minHistoryDays, BigDecimal minSpendUsd) {
    static final String NAME = "day_over_average";

    /** The last day whose verdict a change may alter. */
    LocalDate lastComparedWith(DayChange change) {
        // A new first day makes empty days count that did not, for all that are compared with the old one.
        LocalDate last = change.knownSince().isAfter(change.day()) ? change.knownSince() : change.day();
        return last.plusDays(windowDays);
    }

    /**
     * The anomaly that a day is by now, if it is one.
     *
     * @param spent what the tenant spent on that day and on those before it in the window that have data
     * @param firstDay the tenant's first day with data
     */
    Optional<Anomaly> judge(
            String tenant, LocalDate day, NavigableMap<LocalDate, BigDecimal> spent, LocalDate firstDay, Instant now) {
        BigDecimal on = spent.get(day);
        LocalDate first = day.minusDays(windowDays);
        Map<LocalDate, BigDecimal> history = spent.subMap(first, true, day, false);
        if (on.compareTo(minSpendUsd) < 0 || history.size() < Math.max(1, minHistoryDays)) {
            return Optional.empty();
        }
        long counted = ChronoUnit.DAYS.between(firstDay.isAfter(first) ? firstDay : first, day);
        BigDecimal total = history.values().stream().reduce(Money.ZERO, BigDecimal::add);
        if (on.multiply(BigDecimal.valueOf(counted)).compareTo(factor.multiply(total)) <= 0) {
            return Optional.empty();
        }
        BigDecimal average = total.divide(BigDecimal.valueOf(counted), Money.SCALE, RoundingMode.HALF_UP);
        return Optional.of(anomaly(tenant, day, on, average, now));
    }

    /** Same tenant, same day: same id. */
    static String id(String tenant, LocalDate day) {
        return NAME + "|" + tenant + "|" + day;
    }

    private Anomaly anomaly(String tenant, LocalDate day, BigDecimal on, BigDecimal average, Instant now) {
        return Anomaly.newBuilder()
                .setAnomalyId(id(tenant, day))
                .setTenant(tenant)
                .setRule(NAME)
                .setDimensions(Map.of(Dimension.TENANT, tenant))
                .setWindowStart(day.atStartOfDay(ZoneOffset.UTC).toInstant())
                .setWindowEnd(day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant())
                .setObservedUsd(on)
                .setExpectedUsd(average)
                .setFactor(Money.exact(factor))
                .setDetectedAt(now)
                .build();
    }
}
