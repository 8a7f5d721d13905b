package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.BudgetStatus;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.NumberFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The parts of sentences about a budget, of any scope, period and unit. Dates are those of the budget's zone. */
final class BudgetWords {
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("MMMM", Locale.ENGLISH);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM", Locale.ENGLISH);

    private BudgetWords() {}

    static BigDecimal spent(BudgetStatus status) {
        return inTokens(status) ? BigDecimal.valueOf(status.getSpentTokens()) : status.getSpentUsd();
    }

    static BigDecimal limit(BudgetStatus status) {
        return inTokens(status) ? BigDecimal.valueOf(status.getLimitTokens()) : status.getLimitUsd();
    }

    static boolean inTokens(BudgetStatus status) {
        return status.getLimitTokens() != null;
    }

    /** "Tenant acme", "Tenant acme (model gpt-4o, team growth)". */
    static String whose(BudgetStatus status) {
        String scope = new TreeMap<>(status.getDimensions())
                .entrySet().stream()
                        .map(value ->
                                value.getKey().replaceFirst("^tag\\.", "").replace('_', ' ') + " " + value.getValue())
                        .collect(Collectors.joining(", "));
        return "Tenant " + status.getTenant() + (scope.isEmpty() ? "" : " (" + scope + ")");
    }

    /** "spent $812.40 of its $1,000.00 monthly budget 'Production' (81 %)". */
    static String spentOfBudget(BudgetStatus status) {
        String kind = adjective(status) + " budget '" + status.getName() + "'" + share(status);
        return inTokens(status)
                ? "used " + count(status.getSpentTokens()) + " of the " + count(status.getLimitTokens())
                        + " tokens of its " + kind
                : "spent " + Usd.format(status.getSpentUsd()) + " of its " + Usd.format(status.getLimitUsd()) + " "
                        + kind;
    }

    private static String count(long tokens) {
        return NumberFormat.getIntegerInstance(Locale.ENGLISH).format(tokens);
    }

    private static String adjective(BudgetStatus status) {
        return switch (status.getPeriod()) {
            case "day" -> "daily";
            case "week" -> "weekly";
            case "total" -> "total";
            default -> "monthly";
        };
    }

    /** Rounded down, so that nobody reads 100 % before it is. */
    private static String share(BudgetStatus status) {
        if (limit(status).signum() == 0) {
            return "";
        }
        BigDecimal percent = spent(status).movePointRight(2).divide(limit(status), 0, RoundingMode.FLOOR);
        return " (" + percent.toPlainString() + " %)";
    }

    /** "with 8 days of November left"; empty for a period that does not end. */
    static String timeLeft(BudgetStatus status, Instant now) {
        if (status.getPeriod().equals("total")) {
            return "";
        }
        String period = period(status);
        if (!now.isBefore(status.getPeriodEnd())) {
            return "now that " + period + " is over";
        }
        Duration left = Duration.between(now, status.getPeriodEnd());
        if (status.getPeriod().equals("day")) {
            return "with " + (left.toHours() == 0 ? "less than an hour" : plural(left.toHours(), "hour")) + " of "
                    + period + " left";
        }
        return "with " + (left.toDays() == 0 ? "less than a day" : plural(left.toDays(), "day")) + " of " + period
                + " left";
    }

    private static String plural(long count, String one) {
        return count + " " + one + (count == 1 ? "" : "s");
    }

    private static String period(BudgetStatus status) {
        var start = status.getPeriodStart().atZone(ZoneId.of(status.getTimeZone()));
        return switch (status.getPeriod()) {
            case "day" -> DAY.format(start);
            case "week" -> "the week from " + DAY.format(start);
            default -> MONTH.format(start);
        };
    }

    static String refused(BudgetStatus status) {
        String end = status.getPeriod().equals("total") ? "" : " or the " + status.getPeriod() + " ends";
        return " Further calls are refused until the limit is raised" + end + ".";
    }
}
