package dev.tokenmeter.pricing.lists;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.pricing.DailyHours;
import dev.tokenmeter.pricing.InvalidPriceException;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The windows of LiteLLM's {@code off_peak_pricing}: hours such as {@code 10:00-00:00}, one or several, on some weekdays. */
final class OffPeakHours {
    private OffPeakHours() {}

    static List<DailyHours> of(JsonNode windows) {
        List<DailyHours> hours = new ArrayList<>();
        for (JsonNode window : windows) {
            JsonNode spans = window.path("hours_utc");
            for (JsonNode span : spans.isArray() ? spans : List.of(spans)) {
                hours.add(hours(span.asText(), days(window.path("weekdays"))));
            }
        }
        return hours;
    }

    private static DailyHours hours(String span, Set<DayOfWeek> days) {
        int dash = span.indexOf('-');
        try {
            return new DailyHours(
                    LocalTime.parse(span.substring(0, Math.max(dash, 0))),
                    LocalTime.parse(span.substring(dash + 1)),
                    days);
        } catch (DateTimeException e) {
            throw new InvalidPriceException("off_peak_pricing.windows.hours_utc", span, "hours such as 10:00-18:30");
        }
    }

    private static Set<DayOfWeek> days(JsonNode numbers) {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (JsonNode number : numbers) {
            if (!number.isInt() || number.asInt() < 1 || number.asInt() > 7) {
                throw new InvalidPriceException("off_peak_pricing.windows.weekdays", number, "1 (Monday) to 7");
            }
            days.add(DayOfWeek.of(number.asInt()));
        }
        return days;
    }
}
