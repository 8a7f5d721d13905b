package dev.tokenmeter.aggregator;

import dev.tokenmeter.aggregator.forecast.Forecast;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.processor.api.ProcessingContext;

/** Makes statuses of budgets, and tells whether one says anything new. */
final class StatusMaker {
    /** After so long without a report a run is left out of statuses, which would grow with every start of a gateway. */
    private static final Duration RUNS_SHOWN_FOR = Duration.ofDays(1);

    private final ProcessingContext context;
    private final PeriodSpends spends;
    private final BudgetForecasts forecasts;
    private final RollOver rollOver;
    private final Contributors contributors;

    StatusMaker(ProcessingContext context, SpendCells cells, PeriodSpends spends, BudgetForecasts forecasts) {
        this.context = context;
        this.spends = spends;
        this.forecasts = forecasts;
        this.rollOver = new RollOver(spends);
        this.contributors = new Contributors(cells);
    }

    /** @param last what was said before; null for nothing */
    BudgetStatus make(KnownBudget known, Span span, BudgetStatus last) {
        Budget budget = known.budget();
        Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
        Amounts spent = spends.spent(known, span);
        Amounts carried = rollOver.carried(known, span);
        Map<String, BigDecimal> usdByRun = new HashMap<>();
        Map<String, Long> tokensByRun = new HashMap<>();
        spends.byRun(known, span, now.minus(RUNS_SHOWN_FOR).toEpochMilli()).forEach((run, amounts) -> {
            usdByRun.put(run, amounts.usd());
            tokensByRun.put(run, amounts.tokens());
        });
        BudgetStatus.Builder status = BudgetStatus.newBuilder()
                .setBudgetId(budget.getBudgetId())
                .setTenant(budget.getTenant())
                .setName(budget.getName())
                .setDimensions(budget.getDimensions())
                .setPeriod(budget.getPeriod())
                .setTimeZone(budget.getTimeZone())
                .setPeriodStart(span.start())
                .setPeriodEnd(span.end())
                .setSpentUsd(spent.usd())
                .setSpentByGatewayRun(usdByRun)
                .setSpentTokens(spent.tokens())
                .setTokensByGatewayRun(tokensByRun)
                .setLimitUsd(budget.getAmountUsd().add(carried.usd()))
                .setLimitTokens(
                        budget.getAmountTokens() == null ? null : (Long) (budget.getAmountTokens() + carried.tokens()))
                .setCarriedOverUsd(carried.usd())
                .setCarriedOverTokens(carried.tokens())
                .setHard(budget.getHard())
                .setFallbackModel(budget.getFallbackModel())
                .setThresholdsPercent(budget.getThresholdsPercent())
                .setRevision(Revision.after(last == null ? 0 : last.getRevision(), now.toEpochMilli()))
                .setUpdatedAt(now);
        BigDecimal limit = limit(status);
        status.setThresholdsCrossed(crossed(budget, known.inUnit(spent), limit));
        status.setTopContributors(hasCrossedMore(status, last) ? contributors.of(known, span) : kept(status, last));
        if (span.contains(now)) {
            boolean anew =
                    last == null || hasCrossedMore(status, last) || limit(last).compareTo(limit) != 0;
            Optional<Forecast> forecast = forecasts.areUnread(known)
                    ? Outlook.said(last)
                    : forecasts.of(known, span, limit.doubleValue(), now, anew);
            Outlook.tell(status, last, forecast, now);
        }
        return status.build();
    }

    private static BigDecimal limit(BudgetStatus.Builder status) {
        return status.getLimitTokens() == null ? status.getLimitUsd() : BigDecimal.valueOf(status.getLimitTokens());
    }

    private static BigDecimal limit(BudgetStatus status) {
        return status.getLimitTokens() == null ? status.getLimitUsd() : BigDecimal.valueOf(status.getLimitTokens());
    }

    private static List<Integer> crossed(Budget budget, BigDecimal spent, BigDecimal limit) {
        BigDecimal hundredfold = spent.movePointRight(2);
        return budget.getThresholdsPercent().stream()
                .filter(threshold -> hundredfold.compareTo(limit.multiply(BigDecimal.valueOf(threshold))) >= 0)
                .toList();
    }

    private static boolean hasCrossedMore(BudgetStatus.Builder status, BudgetStatus last) {
        return !(last == null ? List.of() : last.getThresholdsCrossed()).containsAll(status.getThresholdsCrossed());
    }

    private static Map<String, BigDecimal> kept(BudgetStatus.Builder status, BudgetStatus last) {
        return last == null || status.getThresholdsCrossed().isEmpty() ? Map.of() : last.getTopContributors();
    }

    /** Of runs only what they reported counts: that one is left out after a while is no news. */
    static boolean saysTheSame(BudgetStatus a, BudgetStatus b) {
        return a.getSpentUsd().compareTo(b.getSpentUsd()) == 0
                && a.getSpentTokens() == b.getSpentTokens()
                && a.getSpentByGatewayRun()
                        .entrySet()
                        .containsAll(b.getSpentByGatewayRun().entrySet())
                && terms(a).equals(terms(b))
                && outlook(a).equals(outlook(b));
    }

    private static List<Object> terms(BudgetStatus status) {
        return List.of(
                status.getName(),
                status.getDimensions(),
                status.getPeriod(),
                status.getTimeZone(),
                status.getPeriodEnd(),
                status.getLimitUsd().stripTrailingZeros(),
                Optional.ofNullable(status.getLimitTokens()),
                status.getHard(),
                Optional.ofNullable(status.getFallbackModel()),
                Set.copyOf(status.getThresholdsPercent()));
    }

    private static List<Object> outlook(BudgetStatus status) {
        return Arrays.asList(
                status.getForecastUsd(),
                status.getForecastLowUsd(),
                status.getForecastHighUsd(),
                status.getForecastTokens(),
                status.getForecastLowTokens(),
                status.getForecastHighTokens(),
                status.getExhaustedAt());
    }
}
