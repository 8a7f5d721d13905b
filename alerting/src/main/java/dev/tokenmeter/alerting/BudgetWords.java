package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.BudgetStatus;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.NumberFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The parts of sentences about a budget, of any scope, period and unit. Dates are those of the budget's zone. */
final class BudgetWords {
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("MMMM", Locale.ENGLISH);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM", Locale.ENGLISH);

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ENGLISH);
    /** Of these dimensions the largest contributor is named, the first three that there are. */
    private static final List<String> CAUSES =
            List.of("model", "tag.feature", "tag.team", "api_key_id", "tag.customer", "tag.environment");

    private static final int MOST_CAUSES = 3;

    private BudgetWords() {}

    static BigDecimal spent(BudgetStatus status) {
        return inTokens(status) ? BigDecimal.valueOf(status.getSpentTokens()) : status.getSpentUsd();
    }

    static BigDecimal limit(BudgetStatus status) {
        return inTokens(status) ? BigDecimal.valueOf(status.getLimitTokens()) : status.getLimitUsd();
    }

    /** What will be spent by the period's end; empty where it is too early to tell. */
    static Optional<BigDecimal> forecast(BudgetStatus status) {
        return inTokens(status)
                ? Optional.ofNullable(status.getForecastTokens()).map(BigDecimal::valueOf)
                : Optional.ofNullable(status.getForecastUsd());
    }

    /** "$1,130.00 (between $1,020.00 and $1,260.00, four times out of five)". */
    static String forecastAndInterval(BudgetStatus status) {
        return inTokens(status)
                ? count(status.getForecastTokens()) + " tokens (between " + count(status.getForecastLowTokens())
                        + " and " + count(status.getForecastHighTokens()) + ", four times out of five)"
                : Usd.format(status.getForecastUsd()) + " (between " + Usd.format(status.getForecastLowUsd()) + " and "
                        + Usd.format(status.getForecastHighUsd()) + ", four times out of five)";
    }

    /** "the end of November". */
    static String periodEnd(BudgetStatus status) {
        return "the end of " + period(status);
    }

    /** " It will be used up on 27 November."; empty where it will not. */
    static String usedUp(BudgetStatus status, Instant now) {
        Instant at = status.getExhaustedAt();
        if (at == null || !at.isAfter(now)) {
            return "";
        }
        DateTimeFormatter moment = status.getPeriod().equals("day") ? TIME : DAY;
        return " It will be used up " + (moment == TIME ? "at " : "on ")
                + moment.format(at.atZone(ZoneId.of(status.getTimeZone()))) + ".";
    }

    /** " Most of it: model gpt-5 (62 %), feature chat (40 %)."; empty where nothing is known. */
    static String cause(BudgetStatus status) {
        if (spent(status).signum() <= 0) {
            return "";
        }
        String parts = CAUSES.stream()
                .flatMap(dimension -> status.getTopContributors().entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith(dimension + "="))
                        .max(Map.Entry.comparingByValue())
                        .stream())
                .limit(MOST_CAUSES)
                .map(entry -> contributor(entry.getKey(), entry.getValue(), status))
                .collect(Collectors.joining(", "));
        return parts.isEmpty() ? "" : " Most of it: " + parts + ".";
    }

    private static String contributor(String what, BigDecimal amount, BudgetStatus status) {
        int between = what.indexOf('=');
        String dimension =
                what.substring(0, between).replaceFirst("^tag\\.", "").replace("api_key_id", "key");
        BigDecimal percent = amount.movePointRight(2)
                .divide(spent(status), 0, RoundingMode.HALF_UP)
                .min(BigDecimal.valueOf(100));
        return dimension.replace('_', ' ') + " " + what.substring(between + 1) + " (" + percent.toPlainString() + " %)";
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
