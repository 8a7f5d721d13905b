package dev.tokenmeter.storage.sink;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Topics;

/** {@link Alert} to {@code alerts}. */
final class AlertMapping implements TableMapping<Alert> {
    @Override
    public Topics topic() {
        return Topics.ALERTS;
    }

    @Override
    public String table() {
        return "alerts";
    }

    @Override
    public Class<Alert> recordType() {
        return Alert.class;
    }

    @Override
    public Columns row(Alert alert, int partition, long offset) {
        return new Columns()
                .text("alert_id", alert.getAlertId())
                .text("kind", alert.getKind())
                .text("state", alert.getState())
                .text("severity", alert.getSeverity())
                .text("tenant", alert.getTenant())
                .text("summary", alert.getSummary())
                .map("labels", alert.getLabels())
                .money("observed_usd", alert.getObservedUsd())
                .money("limit_usd", alert.getLimitUsd())
                .time("window_start", alert.getWindowStart())
                .time("window_end", alert.getWindowEnd())
                .time("starts_at", alert.getStartsAt())
                .time("updated_at", alert.getUpdatedAt())
                .text("page_url", alert.getPageUrl());
    }
}
