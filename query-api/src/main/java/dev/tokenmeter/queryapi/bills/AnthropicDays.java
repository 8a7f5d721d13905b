package dev.tokenmeter.queryapi.bills;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/** Windows of Anthropic's reports, RFC 3339. */
final class AnthropicDays {
    private AnthropicDays() {}

    /** The UTC day that a bucket is; null where it is none, of which the sheet is told. */
    static Instant of(JsonNode bucket, BillSheet sheet) {
        int lines = bucket.path("results").size();
        try {
            Instant from = time(bucket, "starting_at");
            return sheet.isDay(from, time(bucket, "ending_at"), lines) ? from : null;
        } catch (DateTimeParseException e) {
            sheet.skip("a bucket has no starting_at or ending_at that is a time");
            return null;
        }
    }

    private static Instant time(JsonNode bucket, String field) {
        return OffsetDateTime.parse(JsonPages.text(bucket, field)).toInstant();
    }
}
