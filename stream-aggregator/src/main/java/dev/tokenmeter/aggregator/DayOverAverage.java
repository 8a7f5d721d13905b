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
 * <p>D is judged at every change of its spend, so the rule fires as soon as the running day crosses the line. A day that is
 * over is judged no more: one that lies two days or more before the tenant's latest day, or in the future of the wall
 * clock (a broken clock somewhere), is not. So an import of old events raises no alarm about the past.
 *
 * @param factor multiple of the average that is still normal
 * @param windowDays trailing calendar days
 * @param minHistoryDays days with data that it takes to know what is normal
 * @param minSpendUsd a day below it is not worth an alarm, USD
 */
record DayOverAverage(BigDecimal factor, int windowDays, int minHistoryDays, BigDecimal minSpendUsd) {
    static final String NAME = "day_over_average";

    /** The anomaly that the day is now, if it is one. */
    Optional<Anomaly> judge(DaySpend day, DaySpendStore days, Instant now) {
        if (day.spentUsd().compareTo(minSpendUsd) < 0 || !isRunning(day, days, now)) {
            return Optional.empty();
        }
        LocalDate first = day.day().minusDays(windowDays);
        LocalDate last = day.day().minusDays(1);
        NavigableMap<LocalDate, BigDecimal> history = days.days(day.tenant(), first, last);
        if (history.size() < Math.max(1, minHistoryDays)) {
            return Optional.empty();
        }
        LocalDate known = days.firstDay(day.tenant());
        long counted = ChronoUnit.DAYS.between(known.isAfter(first) ? known : first, day.day());
        BigDecimal total = history.values().stream().reduce(Money.ZERO, BigDecimal::add);
        if (day.spentUsd().multiply(BigDecimal.valueOf(counted)).compareTo(factor.multiply(total)) <= 0) {
            return Optional.empty();
        }
        BigDecimal average = total.divide(BigDecimal.valueOf(counted), Money.SCALE, RoundingMode.HALF_UP);
        return Optional.of(anomaly(day, average, now));
    }

    /** Same tenant, same day: same id. */
    static String id(DaySpend day) {
        return NAME + "|" + day.tenant() + "|" + day.day();
    }

    private static boolean isRunning(DaySpend day, DaySpendStore days, Instant now) {
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        return !day.day().isAfter(today)
                && days.days(day.tenant(), day.day().plusDays(2), today).isEmpty();
    }

    private Anomaly anomaly(DaySpend day, BigDecimal average, Instant now) {
        return Anomaly.newBuilder()
                .setAnomalyId(id(day))
                .setTenant(day.tenant())
                .setRule(NAME)
                .setDimensions(Map.of(Dimension.TENANT, day.tenant()))
                .setWindowStart(day.day().atStartOfDay(ZoneOffset.UTC).toInstant())
                .setWindowEnd(day.day().plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant())
                .setObservedUsd(day.spentUsd())
                .setExpectedUsd(average)
                .setFactor(Money.exact(factor))
                .setDetectedAt(now)
                .build();
    }
}
