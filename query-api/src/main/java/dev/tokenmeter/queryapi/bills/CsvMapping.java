package dev.tokenmeter.queryapi.bills;

import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.TokenKind;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which column of a table holds what: {@code day=start_time_iso,model=model,amount=amount_value}.
 *
 * @param columns names of columns by field
 */
record CsvMapping(Map<String, String> columns) {
    static final String DAY = "day";
    static final String AMOUNT = "amount";
    static final String REQUESTS = "requests";
    /** All input, cached or not. */
    static final String INPUT = "input_tokens";
    /** The part of all input that was read from a cache. */
    static final String CACHED = "cached_input_tokens";
    /** All output. */
    static final String OUTPUT = "output_tokens";

    private static final Set<String> TEXTS = Set.of(DAY, "model", "item", "account", "currency", AMOUNT, REQUESTS);
    private static final Set<String> FIELDS = Stream.of(
                    TEXTS.stream(),
                    Stream.of(INPUT, CACHED, OUTPUT),
                    Arrays.stream(TokenKind.values()).map(TokenKind::field))
            .flatMap(names -> names)
            .collect(Collectors.toCollection(TreeSet::new));

    /** @throws Problem.Exception 400 that names what is wrong in {@code mapping} */
    static CsvMapping parse(String text) {
        Map<String, String> columns = new LinkedHashMap<>();
        for (String pair : text.split(",")) {
            int equals = pair.indexOf('=');
            String field = equals < 0 ? pair.strip() : pair.substring(0, equals).strip();
            if (equals < 0
                    || !FIELDS.contains(field)
                    || pair.substring(equals + 1).isBlank()) {
                throw Problem.badParameter(
                        "mapping", "found '" + pair + "'", "pairs such as day=date, of " + String.join(", ", FIELDS));
            }
            columns.put(field, pair.substring(equals + 1).strip());
        }
        CsvMapping mapping = new CsvMapping(columns);
        if (!columns.containsKey(DAY) || !(mapping.hasMoney() || mapping.hasQuantities())) {
            throw Problem.badParameter(
                    "mapping", "found '" + text + "'", "day=… and at least amount=…, requests=… or a kind of token");
        }
        return mapping;
    }

    boolean hasMoney() {
        return columns.containsKey(AMOUNT);
    }

    boolean hasQuantities() {
        return columns.keySet().stream().anyMatch(field -> field.equals(REQUESTS) || !TEXTS.contains(field));
    }

    /** The fields that must be numbers, of those that are mapped. */
    List<String> numbers() {
        return columns.keySet().stream()
                .filter(field -> field.equals(AMOUNT) || field.equals(REQUESTS) || !TEXTS.contains(field))
                .toList();
    }

    Optional<String> column(String field) {
        return Optional.ofNullable(columns.get(field));
    }

    /** @throws Problem.Exception 400 if a column is not in the table */
    void check(List<String> header) {
        columns.forEach((field, column) -> {
            if (!header.contains(column)) {
                throw Problem.badParameter(
                        "mapping",
                        field + " names the column '" + column + "', which is not there",
                        "the columns of the table: " + String.join(", ", header));
            }
        });
    }
}
