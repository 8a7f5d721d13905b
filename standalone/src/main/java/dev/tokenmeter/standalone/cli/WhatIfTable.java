package dev.tokenmeter.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/** What would have been, for the eye; {@code --json} has every field and digit. */
final class WhatIfTable {
    private static final String ROW = "%-44s %12s %16s %16s %16s %9s%n";

    private WhatIfTable() {}

    static String of(JsonNode answer, List<String> groupBy) {
        StringBuilder text = new StringBuilder(
                String.format(ROW, String.join(", ", groupBy), "calls", "cost", "what if", "difference", "%"));
        for (JsonNode row : answer.path("data")) {
            List<String> names = groupBy.stream()
                    .map(dimension -> row.path(dimension).asText())
                    .map(name -> name.isEmpty() ? "(none)" : name)
                    .toList();
            text.append(row(String.join(", ", names), row));
        }
        JsonNode meta = answer.path("meta");
        text.append(row("all", meta.path("total")));
        if (meta.path("truncated").asBoolean()) {
            text.append(String.format("There are more rows than these; the last line is of all.%n"));
        }
        for (JsonNode lack : meta.path("what_if_unpriced")) {
            text.append(String.format(
                    "No price, and in no sum: %,d calls to %s/%s as %s: %s%n",
                    lack.path("requests").asLong(),
                    lack.path("provider").asText(),
                    lack.path("model").asText(),
                    lack.path("priced_as").asText(),
                    lack.path("reason").asText()));
        }
        for (JsonNode assumption : meta.path("assumptions")) {
            text.append(String.format("%s%n", assumption.path("detail").asText()));
        }
        return text.toString().stripTrailing();
    }

    private static String row(String name, JsonNode sums) {
        return String.format(
                ROW,
                name,
                String.format("%,d", sums.path("requests").asLong()),
                usd(sums.path("cost_usd")),
                usd(sums.path("what_if_cost_usd")),
                usd(sums.path("difference_usd")),
                sums.path("difference_percent").asText("-").replace("null", "-"));
    }

    private static String usd(JsonNode amount) {
        if (amount.isNull() || amount.isMissingNode()) {
            return "no price";
        }
        BigDecimal usd = new BigDecimal(amount.asText());
        return "$"
                + usd.setScale(Math.min(6, Math.max(2, usd.scale())), RoundingMode.HALF_EVEN)
                        .toPlainString();
    }
}
