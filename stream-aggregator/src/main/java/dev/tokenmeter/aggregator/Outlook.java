package dev.tokenmeter.aggregator;

import dev.tokenmeter.aggregator.forecast.Forecast;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** The part of a status that tells what will be. What is nearly the same as was said before is not said anew. */
final class Outlook {
    private static final MathContext DIGITS = new MathContext(4, RoundingMode.HALF_EVEN);
    private static final Duration SAME_TIME = Duration.ofHours(1);
    private static final int SAME_PART = 50;

    private Outlook() {}

    /**
     * Fills it in.
     *
     * @param status all but this part
     * @param last what was said before; null for nothing
     * @param forecast empty where it is too early to tell
     */
    static void tell(BudgetStatus.Builder status, BudgetStatus last, Optional<Forecast> forecast, Instant now) {
        boolean inTokens = status.getLimitTokens() != null;
        BigDecimal spent = inTokens ? BigDecimal.valueOf(status.getSpentTokens()) : status.getSpentUsd();
        BigDecimal limit = inTokens ? BigDecimal.valueOf(status.getLimitTokens()) : status.getLimitUsd();
        Instant lastExhausted = last == null ? null : last.getExhaustedAt();
        if (spent.compareTo(limit) < 0) {
            status.setExhaustedAt(forecast.flatMap(Forecast::exhaustedAt)
                    .map(at -> isSame(at, lastExhausted, now) ? lastExhausted : at.truncatedTo(ChronoUnit.SECONDS))
                    .orElse(null));
        } else {
            boolean since = lastExhausted != null && !lastExhausted.isAfter(now);
            status.setExhaustedAt(since ? lastExhausted : now.truncatedTo(ChronoUnit.SECONDS));
        }
        if (forecast.isEmpty() || status.getPeriod().equals("total")) {
            return;
        }
        Optional<Forecast> said = said(last);
        Forecast told = said.filter(before -> !forecast.get().isNews(before)).orElse(forecast.get());
        BigDecimal expected = rounded(told.expected()).max(spent);
        BigDecimal low = rounded(told.low()).max(spent).min(expected);
        BigDecimal high = rounded(told.high()).max(expected);
        if (inTokens) {
            status.setForecastTokens(expected.longValue())
                    .setForecastLowTokens(low.longValue())
                    .setForecastHighTokens(high.longValue());
        } else {
            status.setForecastUsd(usd(expected)).setForecastLowUsd(usd(low)).setForecastHighUsd(usd(high));
        }
    }

    /** Within an hour, or a fiftieth of the time until then. */
    private static boolean isSame(Instant at, Instant last, Instant now) {
        if (last == null || !last.isAfter(now)) {
            return false;
        }
        Duration between = Duration.between(last, at).abs();
        return between.compareTo(SAME_TIME) <= 0
                || between.multipliedBy(SAME_PART).compareTo(Duration.between(now, at)) <= 0;
    }

    private static BigDecimal rounded(double amount) {
        return new BigDecimal(amount, DIGITS);
    }

    private static BigDecimal usd(BigDecimal amount) {
        return amount.setScale(Money.SCALE, RoundingMode.HALF_EVEN);
    }

    /** The forecast of a status; empty for none. */
    static Optional<Forecast> said(BudgetStatus status) {
        if (status != null && status.getForecastTokens() != null) {
            return Optional.of(new Forecast(
                    status.getForecastTokens(),
                    status.getForecastLowTokens(),
                    status.getForecastHighTokens(),
                    Optional.ofNullable(status.getExhaustedAt())));
        }
        return Optional.ofNullable(status)
                .filter(told -> told.getForecastUsd() != null)
                .map(told -> new Forecast(
                        told.getForecastUsd().doubleValue(),
                        told.getForecastLowUsd().doubleValue(),
                        told.getForecastHighUsd().doubleValue(),
                        Optional.ofNullable(told.getExhaustedAt())));
    }
}
