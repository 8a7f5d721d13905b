package dev.tokenmeter.storage.sink;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageRollup;
import java.util.Map;
import java.util.TreeMap;

/** {@link UsageRollup} to {@code usage_rollups}. */
final class UsageRollupMapping implements TableMapping<UsageRollup> {
    @Override
    public Topics topic() {
        return Topics.ROLLUPS;
    }

    @Override
    public String table() {
        return "usage_rollups";
    }

    @Override
    public Class<UsageRollup> recordType() {
        return UsageRollup.class;
    }

    @Override
    public Columns row(UsageRollup rollup, int partition, long offset) {
        Columns row = new Columns();
        row.time("window_start", rollup.getWindowStart())
                .time("window_end", rollup.getWindowEnd())
                .text("granularity", rollup.getGranularity())
                .text("dimension_group", rollup.getDimensionGroup())
                .text("tenant", rollup.getDimensions().getOrDefault("tenant", ""))
                .text("dimension_key", canonical(rollup.getDimensions()))
                .map("dimensions", rollup.getDimensions())
                .number("revision", rollup.getRevision());
        measures(row, rollup);
        return row;
    }

    private static void measures(Columns row, UsageRollup rollup) {
        row.number("requests", rollup.getRequests())
                .number("errors", rollup.getErrors())
                .number("unpriced_requests", rollup.getUnpricedRequests())
                .number("unpriced_tokens", rollup.getUnpricedTokens());
        for (TokenKind kind : TokenKind.values()) {
            row.number(kind.field(), kind.of(rollup));
        }
        row.money("cost_usd", rollup.getCostUsd())
                .map("cost_parts", rollup.getCostParts())
                .map("cost_by_gateway_run", rollup.getCostByGatewayRun())
                .number("latency_ms_sum", rollup.getLatencyMsSum())
                .number("metered_requests", rollup.getMeteredRequests())
                .number("unmetered_requests", rollup.getUnmeteredRequests())
                .number("fee_requests", rollup.getFeeRequests())
                .map("units", rollup.getUnits())
                .map("errors_by_class", rollup.getErrorsByClass())
                .number("estimated_requests", rollup.getEstimatedRequests())
                .number("estimated_tokens", rollup.getEstimatedTokens())
                .map("latency_ms_histogram", rollup.getLatencyMsHistogram())
                .map("time_to_first_token_ms_histogram", rollup.getTimeToFirstTokenMsHistogram())
                .time("last_occurred_at", rollup.getLastOccurredAt());
    }

    /** The same text for the same dimensions in whatever order, another for any other; lengths keep values apart. */
    private static String canonical(Map<String, String> dimensions) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(dimensions)
                .forEach((name, value) -> text.append(name.length())
                        .append(':')
                        .append(name)
                        .append('=')
                        .append(value.length())
                        .append(':')
                        .append(value)
                        .append(';'));
        return text.toString();
    }
}
