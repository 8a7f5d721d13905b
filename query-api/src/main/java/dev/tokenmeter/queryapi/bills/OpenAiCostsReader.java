package dev.tokenmeter.queryapi.bills;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.schemas.BillLine;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * OpenAI's costs: {@code GET /v1/organization/costs}, grouped by {@code line_item} and {@code project_id} or by nothing. The
 * amount is a number, sometimes a text, in its currency.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/usage/costs">costs</a>
 */
final class OpenAiCostsReader implements BillReader {
    private static final String RESULT = "organization.costs.result";

    @Override
    public void read(byte[] upload, BillSheet sheet) {
        List<JsonNode> pages = JsonPages.of(upload);
        int bucket = 0;
        for (JsonNode page : pages) {
            for (JsonNode one : page.path("data")) {
                readBucket(one, bucket++, sheet);
            }
        }
        if (JsonPages.goesOn(pages)) {
            sheet.incomplete();
        }
    }

    private static void readBucket(JsonNode bucket, int number, BillSheet sheet) {
        Instant from = Instant.ofEpochSecond(bucket.path("start_time").asLong());
        Instant until = Instant.ofEpochSecond(bucket.path("end_time").asLong());
        JsonNode results = bucket.path("results");
        results.forEach(result -> sheet.read());
        if (!sheet.isDay(from, until, results.size())) {
            return;
        }
        sheet.cover(Reports.COSTS, from);
        for (JsonNode result : results) {
            BigDecimal amount = JsonPages.decimal(result.path("amount").path("value"));
            if (!JsonPages.text(result, "object").equals(RESULT)) {
                sheet.skip("a result is not an " + RESULT + ", but '" + JsonPages.text(result, "object") + "'");
            } else if (amount == null) {
                sheet.skip("a result states no amount");
            } else {
                sheet.add(Reports.COSTS, from, number, line(result, amount));
            }
        }
    }

    private static BillLine line(JsonNode result, BigDecimal amount) {
        String item = JsonPages.text(result, "line_item");
        String currency = JsonPages.text(result.path("amount"), "currency").toUpperCase(Locale.ROOT);
        OpenAiItem parsed = OpenAiItem.of(item);
        return BillLine.newBuilder()
                .setItem(item)
                .setModel(parsed.model())
                .setUnit(parsed.unit())
                .setAccount(JsonPages.text(result, "project_id"))
                .setAmount(amount)
                .setCurrency(currency.isEmpty() ? "USD" : currency)
                .build();
    }
}
