package dev.tokenmeter.queryapi.bills;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.schemas.BillLine;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Anthropic's usage: {@code GET /v1/organizations/usage_report/messages}, grouped by {@code model} and
 * {@code workspace_id}. {@code uncached_input_tokens} exclude what was read from and written to the cache.
 *
 * @see <a href="https://platform.claude.com/docs/en/api/admin/usage_report/retrieve_messages">messages usage report</a>
 */
final class AnthropicUsageReader implements BillReader {
    private static final String REPORT = Reports.USAGE + "messages";

    @Override
    public void read(byte[] upload, BillSheet sheet) {
        List<JsonNode> pages = JsonPages.of(upload);
        int number = 0;
        for (JsonNode page : pages) {
            for (JsonNode bucket : page.path("data")) {
                JsonNode results = bucket.path("results");
                results.forEach(result -> sheet.read());
                Instant day = AnthropicDays.of(bucket, sheet);
                if (day != null) {
                    sheet.cover(REPORT, day);
                    for (JsonNode result : results) {
                        sheet.add(REPORT, day, number, line(result));
                    }
                }
                number++;
            }
        }
        if (JsonPages.goesOn(pages)) {
            sheet.incomplete();
        }
    }

    private static BillLine line(JsonNode result) {
        JsonNode written = result.path("cache_creation");
        Map<String, Long> tokens = new HashMap<>();
        put(tokens, TokenKind.UNCACHED_INPUT, JsonPages.count(result, "uncached_input_tokens"));
        put(tokens, TokenKind.CACHE_READ_INPUT, JsonPages.count(result, "cache_read_input_tokens"));
        put(tokens, TokenKind.CACHE_WRITE_5M_INPUT, JsonPages.count(written, "ephemeral_5m_input_tokens"));
        put(tokens, TokenKind.CACHE_WRITE_1H_INPUT, JsonPages.count(written, "ephemeral_1h_input_tokens"));
        put(tokens, TokenKind.TEXT_OUTPUT, JsonPages.count(result, "output_tokens"));
        Map<String, BigDecimal> units = new HashMap<>();
        long searches = JsonPages.count(result.path("server_tool_use"), "web_search_requests");
        if (searches > 0) {
            units.put("web_search_requests", BigDecimal.valueOf(searches).setScale(Money.SCALE));
        }
        return BillLine.newBuilder()
                .setModel(JsonPages.text(result, "model"))
                .setAccount(JsonPages.text(result, "workspace_id"))
                .setTokens(tokens)
                .setUnits(units)
                .build();
    }

    private static void put(Map<String, Long> tokens, TokenKind kind, long count) {
        if (count > 0) {
            tokens.put(kind.field(), count);
        }
    }
}
