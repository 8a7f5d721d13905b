package dev.tokenmeter.aggregator.anomaly;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collection;
import java.util.List;

/**
 * The rule {@code hour_of_week}: an hour in which a subject spends far more than in the same hour of the week before.
 *
 * <p>It is compared with a sample: in each of the {@code weeks} weeks before, as far as they are known, which must be
 * {@code minWeeks} at least (and three of the seven days before must have figures), the same hour and the ones before and after it. Of the sample the rule takes the median and
 * the median absolute deviation (MAD), which a few odd hours do not move. It is broken when the hour spends at least
 * {@code minSpendUsd}, and more than each of
 * <ul>
 *   <li>{@code factor} times the median,
 *   <li>{@code factor} times the average hour of the week before, so that a little at a time when usually nothing happens is
 *       no alarm, and
 *   <li>the median and {@code deviations} standard deviations, of which the MAD is an estimate when multiplied by 1.4826 (that
 *       of normally distributed figures); a tenth of the median at least, as a MAD of few figures may be nothing.
 * </ul>
 *
 * @param factor multiple that is still normal
 * @param deviations standard deviations that are still normal
 * @param weeks with which an hour is compared
 * @param minWeeks weeks that it takes to know what is normal
 * @param minSpendUsd an hour below it is not worth an alarm, USD
 */
public record HourOfWeek(BigDecimal factor, BigDecimal deviations, int weeks, int minWeeks, BigDecimal minSpendUsd) {
    /** The rule's name. */
    public static final String NAME = "hour_of_week";

    /** Of the week before, so many must have figures. */
    static final int MIN_DAYS = 3;

    private static final BigDecimal MAD_TO_DEVIATION = new BigDecimal("1.4826");
    private static final BigDecimal LEAST_DEVIATION = new BigDecimal("0.1");
    private static final BigDecimal TWO = BigDecimal.valueOf(2);

    /** The same for smaller subjects. */
    HourOfWeek withMinSpend(BigDecimal usd) {
        return new HourOfWeek(factor, deviations, weeks, minWeeks, usd);
    }

    /**
     * What an hour may spend.
     *
     * @param expected the median, USD
     * @param limit more than this breaks the rule, USD
     */
    public record Line(BigDecimal expected, BigDecimal limit) {}

    /**
     * The line of an hour.
     *
     * @param sample spend of the hours with which it is compared, USD; not empty
     * @param averageHour of the week before, USD
     */
    public Line line(Collection<BigDecimal> sample, BigDecimal averageHour) {
        BigDecimal median = median(sample);
        List<BigDecimal> distances =
                sample.stream().map(spent -> spent.subtract(median).abs()).toList();
        BigDecimal deviation = MAD_TO_DEVIATION.multiply(median(distances)).max(LEAST_DEVIATION.multiply(median));
        BigDecimal limit = factor.multiply(median.max(averageHour)).max(median.add(deviations.multiply(deviation)));
        return new Line(median, limit);
    }

    /** Whether an hour breaks the rule. */
    public boolean isBroken(BigDecimal spent, Line line) {
        return spent.compareTo(minSpendUsd) >= 0 && spent.compareTo(line.limit()) > 0;
    }

    private static BigDecimal median(Collection<BigDecimal> sample) {
        List<BigDecimal> sorted = sample.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : sorted.get(middle - 1)
                        .add(sorted.get(middle))
                        .divide(TWO, Money.SCALE + 1, RoundingMode.UNNECESSARY); // half an amount has a digit more
    }
}
