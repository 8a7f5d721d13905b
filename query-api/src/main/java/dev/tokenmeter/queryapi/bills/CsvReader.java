package dev.tokenmeter.queryapi.bills;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.BillLine;
import dev.tokenmeter.schemas.TokenKind;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A table with a header, separated by comma, semicolon or tab, as its first line has it. A row with money and quantities is
 * a line of each; one with something that should be a number and is none is skipped. Days are {@code 2026-11-01}, a time within the day, or seconds since 1970.
 */
final class CsvReader implements BillReader {
    private static final CsvMapper CSV =
            CsvMapper.builder().enable(CsvParser.Feature.TRIM_SPACES).build();

    private final CsvMapping mapping;

    CsvReader(CsvMapping mapping) {
        this.mapping = mapping;
    }

    @Override
    public void read(byte[] upload, BillSheet sheet) {
        String text = new String(upload, StandardCharsets.UTF_8).replace("\uFEFF", "");
        String header = text.lines().findFirst().orElse("");
        char separator = separator(header);
        CsvSchema schema = CsvSchema.emptySchema().withHeader().withColumnSeparator(separator);
        try (MappingIterator<Map<String, String>> rows =
                CSV.readerForMapOf(String.class).with(schema).readValues(text)) {
            mapping.check(header(header, separator));
            while (rows.hasNext()) {
                row(rows.next(), sheet);
            }
        } catch (IOException | RuntimeException e) {
            if (e instanceof Problem.Exception) {
                throw (Problem.Exception) e;
            }
            throw Problem.badRequest("body: not a table: " + e.getMessage());
        }
    }

    private static List<String> header(String line, char separator) {
        return Arrays.stream(line.split(String.valueOf(separator), -1))
                .map(name -> name.strip().replaceAll("^\"|\"$", ""))
                .toList();
    }

    private static char separator(String header) {
        return Stream.of(',', ';', '\t')
                .max((one, other) -> Long.compare(count(header, one), count(header, other)))
                .orElse(',');
    }

    private static long count(String text, char wanted) {
        return text.chars().filter(each -> each == wanted).count();
    }

    private void row(Map<String, String> row, BillSheet sheet) {
        sheet.read();
        Instant day = day(cell(row, CsvMapping.DAY));
        if (day == null) {
            sheet.skip("day: found '" + cell(row, CsvMapping.DAY)
                    + "'; allowed: 2026-11-01, an ISO 8601 time or seconds since 1970");
            return;
        }
        Optional<String> unread = mapping.numbers().stream()
                .filter(field -> !cell(row, field).isEmpty() && JsonPages.decimal(cell(row, field)) == null)
                .findFirst();
        if (unread.isPresent()) {
            sheet.skip(noNumber(unread.get(), row));
            return;
        }
        BigDecimal amount = JsonPages.decimal(cell(row, CsvMapping.AMOUNT));
        if (mapping.hasMoney()) {
            if (amount == null && !mapping.hasQuantities()) {
                sheet.skip(noNumber(CsvMapping.AMOUNT, row));
            } else if (amount != null) {
                sheet.add(Reports.COSTS, day, 0, line(row).setAmount(amount).build());
            }
        }
        if (mapping.hasQuantities()) {
            BigDecimal requests = JsonPages.decimal(cell(row, CsvMapping.REQUESTS));
            BillLine usage = line(row)
                    .setRequests(requests == null ? null : Long.valueOf(requests.longValue()))
                    .setTokens(tokens(row))
                    .build();
            sheet.add(Reports.ALL_USAGE, day, 0, usage);
        }
    }

    private String noNumber(String field, Map<String, String> row) {
        return field + ": found '" + cell(row, field) + "'; allowed: a number such as 12.50";
    }

    private BillLine.Builder line(Map<String, String> row) {
        String item = cell(row, "item");
        String model = cell(row, "model");
        OpenAiItem parsed = OpenAiItem.of(item);
        String currency = cell(row, "currency").toUpperCase(Locale.ROOT);
        return BillLine.newBuilder()
                .setItem(item)
                .setModel(model.isEmpty() ? parsed.model() : model)
                .setUnit(model.isEmpty() ? parsed.unit() : "")
                .setAccount(cell(row, "account"))
                .setCurrency(currency.matches("[A-Z]{3}") ? currency : "USD");
    }

    private Map<String, Long> tokens(Map<String, String> row) {
        Map<String, Long> tokens = new HashMap<>();
        long cached = count(row, CsvMapping.CACHED);
        put(tokens, TokenKind.UNCACHED_INPUT, count(row, CsvMapping.INPUT) - cached);
        put(tokens, TokenKind.CACHE_READ_INPUT, cached);
        put(tokens, TokenKind.TEXT_OUTPUT, count(row, CsvMapping.OUTPUT));
        for (TokenKind kind : TokenKind.values()) {
            put(tokens, kind, count(row, kind.field()));
        }
        return tokens;
    }

    private long count(Map<String, String> row, String field) {
        BigDecimal count = JsonPages.decimal(cell(row, field));
        return count == null ? 0 : Math.max(0, count.longValue());
    }

    private static void put(Map<String, Long> tokens, TokenKind kind, long count) {
        if (count > 0) {
            tokens.merge(kind.field(), count, Math::addExact);
        }
    }

    private String cell(Map<String, String> row, String field) {
        return mapping.column(field).map(row::get).map(String::strip).orElse("");
    }

    private static Instant day(String text) {
        try {
            if (text.matches("\\d{9,11}")) {
                return midnight(Instant.ofEpochSecond(Long.parseLong(text)));
            }
            return text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : midnight(OffsetDateTime.parse(text.replace(' ', 'T')).toInstant());
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static Instant midnight(Instant time) {
        return time.atZone(ZoneOffset.UTC)
                .toLocalDate()
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
    }
}
