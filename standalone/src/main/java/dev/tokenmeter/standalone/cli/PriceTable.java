package dev.tokenmeter.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Prices for the eye; {@code --json} has every field. */
final class PriceTable {
    private static final String ROW = "%-8s %-44s %-12s %-12s %-32s %-10s %-10s %-8s %s%n";

    private PriceTable() {}

    static String prices(Iterable<JsonNode> prices) {
        StringBuilder text = new StringBuilder(String.format(
                ROW, "source", "id", "tenant", "provider", "models", "in $/M", "out $/M", "factor", "from"));
        int count = 0;
        for (JsonNode price : prices) {
            JsonNode rates = price.path("usd_per_million_tokens");
            text.append(String.format(
                    ROW,
                    price.path("source").asText(),
                    price.path("price_id").asText(),
                    price.path("tenant").asText("*"),
                    price.path("provider").asText(),
                    models(price),
                    rates.path("uncached_input_tokens").asText("-"),
                    rates.path("text_output_tokens").asText("-"),
                    price.path("factor").asText("-"),
                    price.path("from").asText("always")));
            count++;
        }
        return text.append(count).append(count == 1 ? " price" : " prices").toString();
    }

    private static String models(JsonNode price) {
        List<String> names = new ArrayList<>();
        for (String field : List.of("models", "dated_models", "patterns")) {
            price.path(field).forEach(name -> names.add(name.asText()));
        }
        String first = names.isEmpty() ? "" : names.get(0);
        return names.size() > 1 ? first + " +" + (names.size() - 1) : first;
    }

    static String updates(JsonNode updates) {
        if (!updates.path("enabled").asBoolean()) {
            return "No price list is polled; set pricing.update.url or pricing.update.file to poll one.";
        }
        StringBuilder text = new StringBuilder();
        text.append(updates.path("from").asText())
                .append(": last of use ")
                .append(updates.path("succeeded_at").asText("never"))
                .append(", ")
                .append(updates.path("prices").asInt())
                .append(" prices");
        if (updates.hasNonNull("error")) {
            text.append(String.format(
                    "%nlast look failed: %s", updates.path("error").asText()));
        }
        text.append(
                String.format("%n%d held back", updates.path("held_back_total").asInt()));
        for (JsonNode held : updates.path("held_back")) {
            text.append(String.format(
                    "%n%-50s %s%s",
                    held.path("price_id").asText(),
                    held.path("reason").asText(),
                    held.path("acceptable").asBoolean() ? "" : " (cannot be accepted)"));
        }
        if (updates.path("dismissed_total").asInt() > 0) {
            text.append(String.format(
                    "%n%d dismissed (--json shows them)",
                    updates.path("dismissed_total").asInt()));
        }
        return text.toString();
    }
}
