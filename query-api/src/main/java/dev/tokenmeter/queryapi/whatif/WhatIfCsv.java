package dev.tokenmeter.queryapi.whatif;

import dev.tokenmeter.queryapi.http.JsonText;
import java.math.BigDecimal;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rows of an answer as CSV (RFC 4180), with a line of names first. */
final class WhatIfCsv {
    private static final String END = "\r\n";

    private WhatIfCsv() {}

    static String of(WhatIfAnswer answer) {
        StringBuilder text = new StringBuilder();
        line(text, WhatIfJson.columns(answer.question()).stream().map(WhatIfCsv::field));
        answer.rows()
                .forEach(row -> line(
                        text,
                        WhatIfJson.row(answer.question(), row).values().stream().map(WhatIfCsv::value)));
        return text.toString();
    }

    private static void line(StringBuilder text, Stream<String> fields) {
        text.append(fields.collect(Collectors.joining(","))).append(END);
    }

    private static String value(Object value) {
        if (value == null) {
            return "";
        }
        return value instanceof BigDecimal amount ? JsonText.amount(amount) : field(value.toString());
    }

    /** Quoted where it must be; a text that a spreadsheet would run as a formula is kept from it by an apostrophe. */
    private static String field(String text) {
        boolean formula = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0 && !text.matches("-?[0-9.]+");
        String safe = formula ? "'" + text : text;
        return safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                ? '"' + safe.replace("\"", "\"\"") + '"'
                : safe;
    }
}
