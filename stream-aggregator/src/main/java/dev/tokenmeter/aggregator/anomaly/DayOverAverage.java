package dev.tokenmeter.aggregator.anomaly;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;

/**
 * The rule {@code day_over_average}: a day (of the tenant's calendar) on which a subject spends more than {@code factor} times
 * its average day.
 *
 * <p>Exactly: let D be a day, and look at the {@code windowDays} calendar days before it. Of these the average takes all
 * from the subject's first day with data on; a day in between without data counts as one on which nothing was spent. The
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
public record DayOverAverage(BigDecimal factor, int windowDays, int minHistoryDays, BigDecimal minSpendUsd) {
    /** The rule's name. */
    public static final String NAME = "day_over_average";

    /** The same for smaller subjects. */
    DayOverAverage withMinSpend(BigDecimal usd) {
        return new DayOverAverage(factor, windowDays, minHistoryDays, usd);
    }

    /**
     * What is expected of a day that breaks the rule.
     *
     * @param spent the subject's sums of that day and of those before it in the window that have data
     * @param firstDay the subject's first day with data
     * @return the average day, USD; empty if the rule is not broken
     */
    public Optional<BigDecimal> judge(LocalDate day, NavigableMap<LocalDate, Amount> spent, LocalDate firstDay) {
        BigDecimal on = spent.get(day).usd();
        LocalDate first = firstCompared(day, firstDay);
        Map<LocalDate, Amount> history = spent.subMap(day.minusDays(windowDays), true, day, false);
        if (on.compareTo(minSpendUsd) < 0 || history.size() < Math.max(1, minHistoryDays)) {
            return Optional.empty();
        }
        BigDecimal counted = BigDecimal.valueOf(ChronoUnit.DAYS.between(first, day));
        BigDecimal total = history.values().stream().map(Amount::usd).reduce(Money.ZERO, BigDecimal::add);
        if (on.multiply(counted).compareTo(factor.multiply(total)) <= 0) {
            return Optional.empty();
        }
        return Optional.of(total.divide(counted, Money.SCALE, RoundingMode.HALF_UP));
    }

    /** The first day that the average takes. */
    LocalDate firstCompared(LocalDate day, LocalDate firstDay) {
        LocalDate first = day.minusDays(windowDays);
        return firstDay.isAfter(first) ? firstDay : first;
    }
}
