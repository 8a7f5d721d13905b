package dev.tokenmeter.benchmarks.whatif;

import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.pricing.PriceQuery;
import dev.tokenmeter.pricing.PriceSource;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Rollups of a year, made by ClickHouse itself: 50 tenants, 40 models, 2,000 features of very different size, 12,000
 * combinations a day. A hundred million calls a month, by day, and by hour in the last week; and some calls of the last month one by one.
 */
final class Year {
    private static final int COMBINATIONS = 12_000;
    private static final int MODELS = 40;
    private static final int HOURLY_DAYS = 7;
    private static final String MILLION_MILLIONS = "1000000000000";

    private final ClickHouse clickHouse;
    private final LocalDate end;
    private final long callsAMonth;
    private final List<Model> models;

    private record Model(String provider, String name, Map<TokenKind, BigDecimal> rates) {}

    /** @param end the day after the last one */
    Year(ClickHouse clickHouse, LocalDate end, long callsAMonth) {
        this.clickHouse = clickHouse;
        this.end = end;
        this.callsAMonth = callsAMonth;
        this.models = models(end);
    }

    /** Models whose price does not change within the year. */
    private static List<Model> models(LocalDate end) {
        PriceBook book = PriceBook.shipped();
        Instant until = end.atStartOfDay(ZoneOffset.UTC).toInstant();
        Instant from = end.minusYears(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        List<Model> models = new ArrayList<>();
        for (Price price : book.prices(PriceSource.SHIPPED)) {
            String name = price.names().first();
            PriceQuery query = new PriceQuery("", price.provider(), name, null, null, from);
            boolean suits = List.of("openai", "anthropic", "gemini", "mistral").contains(price.provider())
                    && price.serviceTiers().contains("default")
                    && price.contextTiers().isEmpty()
                    && price.rates()
                            .perMillionTokens()
                            .keySet()
                            .containsAll(List.of(
                                    TokenKind.UNCACHED_INPUT, TokenKind.CACHE_READ_INPUT, TokenKind.TEXT_OUTPUT))
                    && book.changes(query, until).isEmpty()
                    && book.find(query).filter(found -> found.price() == price).isPresent();
            if (suits && models.size() < MODELS) {
                models.add(new Model(price.provider(), name, price.rates().perMillionTokens()));
            }
        }
        if (models.size() < MODELS) {
            throw new IllegalStateException("only " + models.size() + " models suit");
        }
        return models;
    }

    /** Returns the number of rollups by day and by hour. */
    long[] write() throws SQLException {
        long days = 0;
        for (LocalDate month = end.minusDays(365); month.isBefore(end); month = month.plusDays(30)) {
            LocalDate next = month.plusDays(30).isBefore(end) ? month.plusDays(30) : end;
            int count = (int) (next.toEpochDay() - month.toEpochDay());
            execute(rollups("day", month, count, 86_400));
            days += (long) count * COMBINATIONS;
        }
        long hours = 0;
        for (LocalDate day = end.minusDays(HOURLY_DAYS); day.isBefore(end); day = day.plusDays(1)) {
            execute(rollups("hour", day, 24, 3_600));
            hours += 24L * COMBINATIONS;
        }
        return new long[] {days, hours};
    }

    private String rollups(String granularity, LocalDate first, int windows, int seconds) {
        long perRow = callsAMonth / 30 * seconds / 86_400 / COMBINATIONS;
        return "INSERT INTO usage_rollups (window_start, window_end, granularity, dimension_group, tenant, dimension_key,"
                + " dimensions, revision, requests, uncached_input_tokens, cache_read_input_tokens, text_output_tokens,"
                + " cost_usd, metered_requests, fee_requests, last_occurred_at)"
                + " WITH intDiv(number, " + COMBINATIONS + ") AS window, " + combination("number % " + COMBINATIONS)
                // Weights from a hundredth to a hundred; few of them are large.
                + ", toUInt64(1 + " + perRow + " * pow(10, 4 * h1 - 2) / 10.75) AS calls,"
                + " toDateTime64(toUnixTimestamp('" + first + "', 'UTC') + window * " + seconds
                + ", 6, 'UTC') AS start,"
                + quantities("calls")
                + " SELECT start, start + " + seconds + ", '" + granularity + "', 'detail', tenant_name,"
                + " toString(combination), map('tenant', tenant_name, 'provider', provider_name, 'model', model_name,"
                + " 'api_key_id', key, 'tag.team', team, 'tag.feature', feature, 'tag.environment', 'production',"
                + " 'pricing_class', ';;0;'), 1, calls, fresh, cached, written, " + cost() + ", calls, calls, start"
                + " FROM numbers(" + (long) windows * COMBINATIONS + ")";
    }

    /** Calls one by one, spread over the last month. */
    void writeEvents(long count) throws SQLException {
        LocalDate first = end.minusDays(30);
        execute(
                "INSERT INTO usage_events (event_id, occurred_at, gateway_id, tenant, api_key_id, tags, provider, model,"
                        + " operation, outcome, http_status, uncached_input_tokens, cache_read_input_tokens, text_output_tokens,"
                        + " usage_source, cost_usd)"
                        + " WITH " + combination("toUInt64(" + COMBINATIONS + " * pow(rand() / 4294967296, 3))") + ","
                        + quantities("1")
                        + " SELECT generateUUIDv4(number), toDateTime64(toUnixTimestamp('" + first + "', 'UTC')"
                        + " + number * 2592000 / " + count
                        + ", 6, 'UTC'), 'gw', tenant_name, key, map('team', team, 'feature',"
                        + " feature), provider_name, model_name, 'chat', 'completed', 200, fresh, cached, written, 'provider', "
                        + cost() + " FROM numbers(" + count + ")");
    }

    private String combination(String number) {
        return number + " AS combination,"
                + " cityHash64(combination, 1) / 18446744073709551616. AS h1,"
                + " cityHash64(combination, 2) % 2000 AS feature_number,"
                + " 1 + toUInt8(" + (MODELS - 1)
                + " * pow(cityHash64(combination, 3) / 18446744073709551616., 2)) AS m,"
                + " concat('tenant-', toString(feature_number % 50)) AS tenant_name,"
                + " concat('feature-', toString(feature_number)) AS feature,"
                + " concat('team-', toString(feature_number % 200)) AS team,"
                + " concat('key-', toString(feature_number % 50), '-', toString(combination % 5)) AS key,"
                + array(model -> "'" + model.provider + "'") + "[m] AS provider_name,"
                + array(model -> "'" + model.name + "'") + "[m] AS model_name";
    }

    private static String quantities(String calls) {
        return " toInt64(" + calls + " * (500 + cityHash64(combination, 4) % 3000)) AS fresh,"
                + " toInt64(" + calls + " * (cityHash64(combination, 5) % 1500)) AS cached,"
                + " toInt64(" + calls + " * (50 + cityHash64(combination, 6) % 600)) AS written";
    }

    /** Rates have six digits per million, so their product with a count of tokens is so many millionths of a millionth. */
    private String cost() {
        return "CAST((fresh * " + rates(TokenKind.UNCACHED_INPUT) + "[m] + cached * "
                + rates(TokenKind.CACHE_READ_INPUT) + "[m] + written * " + rates(TokenKind.TEXT_OUTPUT)
                + "[m]) AS Decimal(38, 12)) / " + MILLION_MILLIONS;
    }

    private String rates(TokenKind kind) {
        return "CAST("
                + array(model -> model.rates
                        .get(kind)
                        .movePointRight(6)
                        .toBigIntegerExact()
                        .toString())
                + ", 'Array(Int64)')";
    }

    private String array(Function<Model, String> of) {
        return models.stream().map(of).collect(Collectors.joining(", ", "[", "]"));
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = clickHouse.open();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
