package dev.tokenmeter.queryapi.bills;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.schemas.BillLine;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Currency;
import java.util.List;
import java.util.Map;

/**
 * Anthropic's costs: {@code GET /v1/organizations/cost_report}, grouped by {@code description} and {@code workspace_id} or
 * by nothing. An amount is a decimal string in the currency's lowest unit: {@code "123.45"} in USD is $1.2345.
 *
 * @see <a href="https://platform.claude.com/docs/en/api/admin/cost_report/retrieve">cost report</a>
 */
final class AnthropicCostReader implements BillReader {
    private static final Map<String, String> UNITS =
            Map.of("web_search", "web_search_requests", "code_execution", "code_execution_requests");

    @Override
    public void read(byte[] upload, BillSheet sheet) {
        List<JsonNode> pages = JsonPages.of(upload);
        int number = 0;
        for (JsonNode page : pages) {
            for (JsonNode bucket : page.path("data")) {
                readBucket(bucket, number++, sheet);
            }
        }
        if (JsonPages.goesOn(pages)) {
            sheet.incomplete();
        }
    }

    private static void readBucket(JsonNode bucket, int number, BillSheet sheet) {
        JsonNode results = bucket.path("results");
        results.forEach(result -> sheet.read());
        Instant day = AnthropicDays.of(bucket, sheet);
        if (day == null) {
            return;
        }
        sheet.cover(Reports.COSTS, day);
        for (JsonNode result : results) {
            String currency = JsonPages.text(result, "currency");
            BigDecimal amount = amount(JsonPages.decimal(result.path("amount")), currency);
            if (amount == null) {
                sheet.skip("a result states no amount in a currency that is known");
            } else {
                sheet.add(Reports.COSTS, day, number, line(result, amount, currency));
            }
        }
    }

    private static BigDecimal amount(BigDecimal inLowestUnit, String currency) {
        try {
            int digits = Currency.getInstance(currency).getDefaultFractionDigits();
            return inLowestUnit == null || digits < 0
                    ? null
                    : JsonPages.decimal(inLowestUnit.movePointLeft(digits).toPlainString());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static BillLine line(JsonNode result, BigDecimal amount, String currency) {
        String type = JsonPages.text(result, "cost_type");
        String description = JsonPages.text(result, "description");
        String model = JsonPages.text(result, "model");
        return BillLine.newBuilder()
                .setItem(description.isEmpty() ? type : description)
                .setModel(model)
                .setUnit(model.isEmpty() ? UNITS.getOrDefault(type, "") : "")
                .setAccount(JsonPages.text(result, "workspace_id"))
                .setAmount(amount)
                .setCurrency(currency)
                .build();
    }
}
