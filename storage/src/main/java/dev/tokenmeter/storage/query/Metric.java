package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A figure to ask for. Each has its expression over events and over rollups; the two agree to the last digit.
 *
 * @param name as in the API
 * @param unit what the figure is
 * @param overEvents SQL over {@code usage_events}
 * @param overRollups SQL over {@code usage_rollups}
 */
public record Metric(String name, Unit unit, String overEvents, String overRollups) {
    /** What a figure is. */
    public enum Unit {
        /** USD, exact. */
        USD,
        /** A whole number. */
        COUNT,
        /** Milliseconds, one decimal. */
        MILLISECONDS
    }

    private static final String OPERATIONS = UsageEvents.BILLED_OPERATIONS.stream()
            .sorted()
            .map(operation -> "'" + operation + "'")
            .collect(Collectors.joining(", "));

    /** Over an event, as {@link UsageEvents#lacksUsage} judges. */
    static final String LACKS_USAGE = "(usage_source = 'none' AND operation IN ("
            + OPERATIONS
            + ") AND if(isNull(http_status), outcome IN ('client_aborted', 'timeout'),"
            + " http_status BETWEEN 200 AND 299 AND outcome != 'blocked'))";

    private static final String ALL_TOKENS = sum(kind -> true);

    /** Over an event, as {@link UsageEvents#isMetered} judges. */
    static final String METERED = "(" + ALL_TOKENS + " != 0 OR notEmpty(units))";

    /** Over an event, as {@link UsageEvents#owesFee} judges. */
    static final String OWES_FEE =
            "((usage_source != 'none' OR ifNull(http_status, 0) BETWEEN 200 AND 299) AND operation IN (" + OPERATIONS
                    + ") AND NOT " + LACKS_USAGE + ")";

    /** Sum of the known costs, 0 where there is none: for sums and quotients, never to be shown as what calls cost. */
    static final Metric KNOWN_COST_USD =
            new Metric("cost_usd", Unit.USD, "sum(ifNull(cost_usd, toDecimal128(0, 12)))", "sum(cost_usd)");

    /** Events. */
    public static final Metric REQUESTS = new Metric("requests", Unit.COUNT, "count()", "sum(requests)");

    /** Events whose outcome is not completed. */
    public static final Metric ERRORS =
            new Metric("errors", Unit.COUNT, "countIf(outcome != 'completed')", "sum(errors)");

    /** All tokens that were sent. */
    public static final Metric INPUT_TOKENS = tokens("input_tokens", TokenKind::isInput);

    /** All tokens that were produced. */
    public static final Metric OUTPUT_TOKENS = tokens("output_tokens", kind -> !kind.isInput());

    /** Events that used something, or may have, but have no price: as {@link UsageEvents#isUnpriced} judges. */
    public static final Metric UNPRICED_REQUESTS = new Metric(
            "unpriced_requests",
            Unit.COUNT,
            "countIf(isNull(cost_usd) AND (" + METERED + " OR " + LACKS_USAGE + "))",
            "sum(unpriced_requests)");

    /** Events that used something, or may have, and have a price. */
    static final Metric PRICED_REQUESTS = new Metric(
            "priced_requests",
            Unit.COUNT,
            pricedOf("countIf(" + METERED + ") + countIf(" + LACKS_USAGE + ")", UNPRICED_REQUESTS.overEvents),
            pricedOf("sum(metered_requests) + sum(unmetered_requests)", UNPRICED_REQUESTS.overRollups));

    /** What they cost, as far as known; null where it is not known of any that used something. */
    public static final Metric COST_USD =
            knownOrNull("cost_usd", KNOWN_COST_USD.overEvents, KNOWN_COST_USD.overRollups);

    /** Tokens without a price. */
    public static final Metric UNPRICED_TOKENS = new Metric(
            "unpriced_tokens", Unit.COUNT, "sumIf(" + ALL_TOKENS + ", isNull(cost_usd))", "sum(unpriced_tokens)");

    /** Known cost by event, null where there is none or no cost is known; cut after twelve decimals. */
    public static final Metric COST_PER_REQUEST_USD = knownOrNull(
            "cost_per_request_usd",
            quotient(KNOWN_COST_USD.overEvents, REQUESTS.overEvents),
            quotient(KNOWN_COST_USD.overRollups, REQUESTS.overRollups));

    /** Average latency, null where there is no event. */
    public static final Metric LATENCY_MS_AVG = new Metric(
            "latency_ms_avg",
            Unit.MILLISECONDS,
            average("sum(latency_ms)", REQUESTS.overEvents),
            average("sum(latency_ms_sum)", REQUESTS.overRollups));

    /** Events of whose quantities at least one is estimated. */
    public static final Metric ESTIMATED_REQUESTS = new Metric(
            "estimated_requests", Unit.COUNT, "countIf(usage_source = 'estimated')", "sum(estimated_requests)");

    /** Tokens of those events. */
    public static final Metric ESTIMATED_TOKENS = new Metric(
            "estimated_tokens",
            Unit.COUNT,
            "sumIf(" + ALL_TOKENS + ", usage_source = 'estimated')",
            "sum(estimated_tokens)");

    private static final List<Metric> ALL = all();

    /** Tokens of one kind, under the name of its field. */
    public static Metric of(TokenKind kind) {
        return new Metric(kind.field(), Unit.COUNT, "sum(" + kind.field() + ")", "sum(" + kind.field() + ")");
    }

    /** The metric of that name, if there is one. */
    public static Optional<Metric> named(String name) {
        return ALL.stream().filter(metric -> metric.name.equals(name)).findFirst();
    }

    /** For error messages. */
    public static List<String> allowed() {
        return ALL.stream().map(Metric::name).toList();
    }

    private static List<Metric> all() {
        List<Metric> metrics = new ArrayList<>(List.of(
                COST_USD,
                REQUESTS,
                ERRORS,
                INPUT_TOKENS,
                OUTPUT_TOKENS,
                UNPRICED_REQUESTS,
                UNPRICED_TOKENS,
                COST_PER_REQUEST_USD,
                LATENCY_MS_AVG,
                ESTIMATED_REQUESTS,
                ESTIMATED_TOKENS));
        for (int percent : new int[] {50, 90, 99}) {
            metrics.add(Percentiles.latency(percent));
            metrics.add(Percentiles.timeToFirstToken(percent));
        }
        for (TokenKind kind : TokenKind.values()) {
            metrics.add(of(kind));
        }
        return List.copyOf(metrics);
    }

    private static Metric tokens(String name, Predicate<TokenKind> kinds) {
        String sql = "sum(" + sum(kinds) + ")";
        return new Metric(name, Unit.COUNT, sql, sql);
    }

    private static String sum(Predicate<TokenKind> kinds) {
        return Arrays.stream(TokenKind.values())
                .filter(kinds)
                .map(TokenKind::field)
                .collect(Collectors.joining(" + ", "(", ")"));
    }

    /** Rollups from before there were counts of metered events count as without a price where any of them is. */
    private static String pricedOf(String billable, String unpriced) {
        return "greatest(" + billable + " - " + unpriced + ", 0)";
    }

    private static Metric knownOrNull(String name, String overEvents, String overRollups) {
        return new Metric(
                name,
                Unit.USD,
                unlessUnknown(
                        overEvents,
                        UNPRICED_REQUESTS.overEvents,
                        PRICED_REQUESTS.overEvents,
                        KNOWN_COST_USD.overEvents),
                unlessUnknown(
                        overRollups,
                        UNPRICED_REQUESTS.overRollups,
                        PRICED_REQUESTS.overRollups,
                        KNOWN_COST_USD.overRollups));
    }

    private static String unlessUnknown(String amount, String unpriced, String priced, String known) {
        return "if(" + unpriced + " > 0 AND " + priced + " = 0 AND " + known + " = 0, NULL, " + amount + ")";
    }

    private static String quotient(String amount, String count) {
        return "if(" + count + " = 0, NULL, divideDecimal(" + amount + ", toDecimal128(greatest(" + count
                + ", 1), 0), 12))";
    }

    private static String average(String sum, String count) {
        return "if(" + count + " = 0, NULL, divideDecimal(toDecimal128(" + sum + ", 3), toDecimal128(greatest(" + count
                + ", 1), 0), 1))";
    }
}
