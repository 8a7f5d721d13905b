package dev.tokenmeter.storage.sink;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;

/** {@link UsageEvent} to {@code usage_events}. */
final class UsageEventMapping implements TableMapping<UsageEvent> {
    @Override
    public Topics topic() {
        return Topics.USAGE;
    }

    @Override
    public String table() {
        return "usage_events";
    }

    @Override
    public Class<UsageEvent> recordType() {
        return UsageEvent.class;
    }

    @Override
    public Columns row(UsageEvent event, int partition, long offset) {
        Columns row = new Columns();
        identity(row, event);
        attribution(row, event);
        quantities(row, event);
        moneyAndTime(row, event);
        correction(row, event);
        return row.number("kafka_partition", partition).number("kafka_offset", offset);
    }

    private static void identity(Columns row, UsageEvent event) {
        row.id("event_id", event.getEventId())
                .time("occurred_at", event.getOccurredAt())
                .text("gateway_id", event.getGatewayId())
                .text("gateway_run", event.getGatewayRun())
                .text("source", event.getSource())
                .text("provider_request_id", event.getProviderRequestId())
                .text("trace_id", event.getTraceId())
                .number("attempt", event.getAttempt());
    }

    private static void attribution(Columns row, UsageEvent event) {
        row.text("tenant", event.getTenant())
                .text("api_key_id", event.getApiKeyId())
                .map("tags", event.getTags())
                .text("end_user", event.getEndUser())
                .text("provider", event.getProvider())
                .text("model", event.getModel())
                .text("requested_model", event.getRequestedModel())
                .text("operation", event.getOperation())
                .text("service_tier", event.getServiceTier())
                .text("region", event.getRegion())
                .flag("streamed", event.getStreamed())
                .text("outcome", event.getOutcome())
                .number("http_status", event.getHttpStatus());
    }

    private static void quantities(Columns row, UsageEvent event) {
        for (TokenKind kind : TokenKind.values()) {
            row.number(kind.field(), kind.of(event));
        }
        row.map("units", event.getUnits())
                .text("usage_source", event.getUsageSource())
                .text("raw_usage", event.getRawUsage());
    }

    private static void moneyAndTime(Columns row, UsageEvent event) {
        row.money("cost_usd", event.getCostUsd())
                .map("cost_parts", event.getCostParts())
                .money("provider_cost_usd", event.getProviderCostUsd())
                .text("price_id", event.getPriceId())
                .text("cost_currency", event.getCostCurrency())
                .money("exchange_rate", event.getExchangeRate())
                .number("latency_ms", event.getLatencyMs())
                .number("time_to_first_token_ms", event.getTimeToFirstTokenMs())
                .number("overhead_us", event.getOverheadUs());
    }

    private static void correction(Columns row, UsageEvent event) {
        row.number("revision", event.getRevision())
                .time("corrected_at", event.getCorrectedAt())
                .text("corrected_by", event.getCorrectedBy())
                .text("correction_reason", event.getCorrectionReason())
                .money("cost_usd_before", event.getCostUsdBefore())
                .map("cost_parts_before", event.getCostPartsBefore())
                .text("price_id_before", event.getPriceIdBefore());
    }
}
