package dev.tokenmeter.storage.sink;

import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Topics;

/** {@link BudgetStatus} to {@code budget_status}. */
final class BudgetStatusMapping implements TableMapping<BudgetStatus> {
    @Override
    public Topics topic() {
        return Topics.BUDGET_STATUS;
    }

    @Override
    public String table() {
        return "budget_status";
    }

    @Override
    public Class<BudgetStatus> recordType() {
        return BudgetStatus.class;
    }

    @Override
    public Columns row(BudgetStatus status, int partition, long offset) {
        return new Columns()
                .text("budget_id", status.getBudgetId())
                .text("tenant", status.getTenant())
                .text("name", status.getName())
                .map("dimensions", status.getDimensions())
                .text("period", status.getPeriod())
                .text("time_zone", status.getTimeZone())
                .time("period_start", status.getPeriodStart())
                .time("period_end", status.getPeriodEnd())
                .money("spent_usd", status.getSpentUsd())
                .map("spent_by_gateway_run", status.getSpentByGatewayRun())
                .number("spent_tokens", status.getSpentTokens())
                .map("tokens_by_gateway_run", status.getTokensByGatewayRun())
                .money("limit_usd", status.getLimitUsd())
                .number("limit_tokens", status.getLimitTokens())
                .money("carried_over_usd", status.getCarriedOverUsd())
                .number("carried_over_tokens", status.getCarriedOverTokens())
                .money("forecast_usd", status.getForecastUsd())
                .money("forecast_low_usd", status.getForecastLowUsd())
                .money("forecast_high_usd", status.getForecastHighUsd())
                .number("forecast_tokens", status.getForecastTokens())
                .number("forecast_low_tokens", status.getForecastLowTokens())
                .number("forecast_high_tokens", status.getForecastHighTokens())
                .time("exhausted_at", status.getExhaustedAt())
                .flag("hard", status.getHard())
                .text("fallback_model", status.getFallbackModel())
                .numbers("thresholds_percent", status.getThresholdsPercent())
                .numbers("thresholds_crossed", status.getThresholdsCrossed())
                .map("top_contributors", status.getTopContributors())
                .flag("closed", status.getClosed())
                .number("revision", status.getRevision())
                .time("updated_at", status.getUpdatedAt());
    }
}
