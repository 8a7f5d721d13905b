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
                .time("period_start", status.getPeriodStart())
                .time("period_end", status.getPeriodEnd())
                .money("spent_usd", status.getSpentUsd())
                .map("spent_by_gateway_run", status.getSpentByGatewayRun())
                .money("limit_usd", status.getLimitUsd())
                .flag("hard", status.getHard())
                .numbers("thresholds_percent", status.getThresholdsPercent())
                .numbers("thresholds_crossed", status.getThresholdsCrossed())
                .number("revision", status.getRevision())
                .time("updated_at", status.getUpdatedAt());
    }
}
