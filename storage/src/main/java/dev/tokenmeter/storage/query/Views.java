package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.storage.query.UsageAnswer.Row;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The figures that people come for, by name. Days and months are UTC's. Filters limit all figures to events whose
 * dimensions have these values. Thread-safe; blocking.
 */
public final class Views {
    private static final int AVERAGE_DAYS = 7;
    private static final List<Metric> TRAFFIC = List.of(
            Metric.COST_USD, Metric.REQUESTS, Metric.INPUT_TOKENS, Metric.OUTPUT_TOKENS, Metric.UNPRICED_REQUESTS);

    private final UsageQueries usage;
    private final CostParts costParts;
    private final Clock clock;

    /**
     * Spend of the running month, USD. Amounts are null where calls were made and the cost of none of them is known.
     *
     * @param previousMonthSameTime what was spent in last month's same stretch
     * @param asOf the latest event counted, null for none
     */
    public record MonthSpend(
            YearMonth month,
            BigDecimal cost,
            long requests,
            long unpricedRequests,
            long unpricedTokens,
            BigDecimal previousMonth,
            BigDecimal previousMonthSameTime,
            Instant asOf) {}

    /**
     * One day; {@code averageCost} is the daily average of it and the six days before, rounded at the 12th decimal. Amounts
     * are null where calls were made and the cost of none of them is known.
     */
    public record Day(
            LocalDate day,
            BigDecimal cost,
            long requests,
            long inputTokens,
            long outputTokens,
            long unpricedRequests,
            BigDecimal averageCost) {}

    /**
     * One value's part of the spend, in percent with two decimals; 0 where nothing was spent. Cost and percent are null where
     * the cost of none of its calls is known.
     */
    public record Share(
            List<String> values,
            BigDecimal cost,
            long requests,
            long inputTokens,
            long outputTokens,
            long unpricedRequests,
            BigDecimal percent) {}

    /**
     * Tokens and cost of one kind, null where all of its tokens are without a price; for what is billed otherwise than by
     * tokens, the unit's name and no tokens.
     */
    public record KindTotal(String kind, long tokens, BigDecimal cost) {}

    /** Tokens by kind, and input against output over time. */
    public record TokenBreakdown(List<KindTotal> totals, UsageAnswer series) {}

    public Views(UsageQueries usage, CostParts costParts, Clock clock) {
        this.usage = usage;
        this.costParts = costParts;
        this.clock = clock;
    }

    public MonthSpend monthSpend(Map<Dimension, String> filters) {
        Instant now = clock.instant();
        Instant month = TimeRange.monthOf(now);
        Instant previous = TimeRange.monthOf(month.minusSeconds(1));
        Instant sameTime = previous.plus(Duration.between(month, now));
        List<Metric> metrics =
                List.of(Metric.COST_USD, Metric.REQUESTS, Metric.UNPRICED_REQUESTS, Metric.UNPRICED_TOKENS);
        UsageAnswer running = usage.run(UsageQuery.of(new TimeRange(month, now), metrics, List.of(), filters));
        List<BigDecimal> figures = running.rows().get(0).figures();
        return new MonthSpend(
                YearMonth.from(month.atZone(ZoneOffset.UTC)),
                figures.get(0),
                figures.get(1).longValueExact(),
                figures.get(2).longValueExact(),
                figures.get(3).longValueExact(),
                cost(new TimeRange(previous, month), filters),
                cost(new TimeRange(previous, sameTime.isBefore(month) ? sameTime : month), filters),
                running.asOf());
    }

    private BigDecimal cost(TimeRange range, Map<Dimension, String> filters) {
        UsageQuery query = UsageQuery.of(range, List.of(Metric.COST_USD), List.of(), filters);
        return usage.run(query).rows().get(0).figures().get(0);
    }

    /** The last {@code days} days, today included, oldest first; days without events are there with zeros. */
    public List<Day> dailyTrend(int days, Map<Dimension, String> filters) {
        Instant now = clock.instant();
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        LocalDate first = today.minusDays(days - 1L);
        Instant from =
                first.minusDays(AVERAGE_DAYS - 1L).atStartOfDay(ZoneOffset.UTC).toInstant();
        UsageAnswer answer = usage.run(UsageQuery.of(new TimeRange(from, now), TRAFFIC, List.of(), filters)
                .by(Bucket.DAY));
        Map<LocalDate, Row> byDay = new HashMap<>();
        answer.rows().forEach(row -> byDay.put(LocalDate.ofInstant(row.windowStart(), ZoneOffset.UTC), row));
        return first.datesUntil(today.plusDays(1)).map(day -> day(day, byDay)).toList();
    }

    private static Day day(LocalDate day, Map<LocalDate, Row> byDay) {
        Row row = byDay.get(day);
        return new Day(
                day,
                figure(row, 0),
                figure(row, 1).longValueExact(),
                figure(row, 2).longValueExact(),
                figure(row, 3).longValueExact(),
                figure(row, 4).longValueExact(),
                weeksAverage(day, byDay));
    }

    private static BigDecimal weeksAverage(LocalDate day, Map<LocalDate, Row> byDay) {
        BigDecimal week = BigDecimal.ZERO;
        boolean unknown = false;
        for (int back = 0; back < AVERAGE_DAYS; back++) {
            BigDecimal cost = figure(byDay.get(day.minusDays(back)), 0);
            unknown |= cost == null;
            week = week.add(cost == null ? BigDecimal.ZERO : cost);
        }
        return unknown && week.signum() == 0
                ? null
                : week.divide(BigDecimal.valueOf(AVERAGE_DAYS), 12, RoundingMode.HALF_EVEN);
    }

    private static BigDecimal figure(Row row, int index) {
        return row == null ? BigDecimal.ZERO : row.figures().get(index);
    }

    /** The spend's parts by the values of these dimensions, largest first. */
    public List<Share> shares(TimeRange range, List<Dimension> dimensions, Map<Dimension, String> filters) {
        UsageAnswer answer = usage.run(UsageQuery.of(range, TRAFFIC, dimensions, filters));
        BigDecimal total = answer.rows().stream()
                .map(row -> row.figures().get(0))
                .filter(Objects::nonNull)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        return answer.rows().stream().map(row -> share(row, total)).toList();
    }

    private static Share share(Row row, BigDecimal total) {
        BigDecimal cost = row.figures().get(0);
        return new Share(
                row.dimensions(),
                cost,
                row.figures().get(1).longValueExact(),
                row.figures().get(2).longValueExact(),
                row.figures().get(3).longValueExact(),
                row.figures().get(4).longValueExact(),
                cost == null ? null : percent(cost, total));
    }

    private static BigDecimal percent(BigDecimal cost, BigDecimal total) {
        return total.signum() == 0 ? BigDecimal.ZERO : cost.movePointRight(2).divide(total, 2, RoundingMode.HALF_EVEN);
    }

    /** Cost, requests, cost by request and requests without a price in each window. */
    public UsageAnswer costPerRequest(TimeRange range, Bucket windows, Map<Dimension, String> filters) {
        List<Metric> metrics =
                List.of(Metric.COST_USD, Metric.REQUESTS, Metric.COST_PER_REQUEST_USD, Metric.UNPRICED_REQUESTS);
        return usage.run(UsageQuery.of(range, metrics, List.of(), filters).by(windows));
    }

    public TokenBreakdown tokenBreakdown(TimeRange range, Bucket windows, Map<Dimension, String> filters) {
        List<Metric> kinds = new ArrayList<>();
        for (TokenKind kind : TokenKind.values()) {
            kinds.add(Metric.of(kind));
        }
        Row sums = usage.run(UsageQuery.of(range, kinds, List.of(), filters))
                .rows()
                .get(0);
        List<Metric> sides = List.of(Metric.INPUT_TOKENS, Metric.OUTPUT_TOKENS);
        UsageAnswer series =
                usage.run(UsageQuery.of(range, sides, List.of(), filters).by(windows));
        return new TokenBreakdown(totals(sums, costParts.of(range, filters)), series);
    }

    private static List<KindTotal> totals(Row sums, Map<String, BigDecimal> costs) {
        List<KindTotal> totals = new ArrayList<>();
        TokenKind[] kinds = TokenKind.values();
        for (int i = 0; i < kinds.length; i++) {
            long tokens = sums.figures().get(i).longValueExact();
            BigDecimal cost = costs.remove(kinds[i].field());
            // A price that is 0 leaves a part of 0: no part at all is no price.
            totals.add(new KindTotal(kinds[i].field(), tokens, cost == null && tokens == 0 ? BigDecimal.ZERO : cost));
        }
        costs.forEach((unit, cost) -> totals.add(new KindTotal(unit, 0, cost)));
        return totals;
    }
}
