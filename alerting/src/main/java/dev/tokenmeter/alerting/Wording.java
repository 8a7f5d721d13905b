package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.BudgetStatus;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Sentences that a manager understands: whose spend, the figure, the limit, the cause. Dates are UTC. */
final class Wording {
    private static final DateTimeFormatter MONTH =
            DateTimeFormatter.ofPattern("MMMM", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private Wording() {}

    static String crossed(BudgetStatus status, Instant now) {
        boolean refused = status.getHard() && status.getSpentUsd().compareTo(status.getLimitUsd()) >= 0;
        return "Tenant " + status.getTenant() + " has spent " + spentOfBudget(status) + ", "
                + timeLeft(status, now) + "."
                + (refused ? " Further calls are refused until the limit is raised or the month ends." : "");
    }

    static String backBelow(BudgetStatus status, int threshold) {
        return "Tenant " + status.getTenant() + " is below " + threshold + " % of its budget again: it has spent "
                + spentOfBudget(status) + ".";
    }

    static String thresholdRemoved(BudgetStatus status, int threshold) {
        return "Budget '" + status.getName() + "' of tenant " + status.getTenant() + " has no alert at " + threshold
                + " % any more.";
    }

    static String budgetRemoved(Alert alert) {
        return "The budget of tenant " + alert.getTenant() + " to which this alert belonged was removed.";
    }

    static String spike(Anomaly anomaly) {
        return "Tenant " + anomaly.getTenant() + " has spent " + Usd.format(anomaly.getObservedUsd()) + " on "
                + DAY.format(anomaly.getWindowStart()) + ", more than "
                + anomaly.getFactor().stripTrailingZeros().toPlainString() + " times its average day of "
                + Usd.format(anomaly.getExpectedUsd()) + ".";
    }

    static String over(Alert alert) {
        return "Closed, as the period that it was about is over: " + alert.getSummary();
    }

    /** "$812.40 of its $1,000.00 monthly budget 'Production' (81 %)". */
    private static String spentOfBudget(BudgetStatus status) {
        return Usd.format(status.getSpentUsd()) + " of its " + Usd.format(status.getLimitUsd()) + " monthly budget '"
                + status.getName() + "'" + share(status);
    }

    /** Rounded down, so that nobody reads 100 % before it is. */
    private static String share(BudgetStatus status) {
        if (status.getLimitUsd().signum() == 0) {
            return "";
        }
        BigDecimal percent = status.getSpentUsd().movePointRight(2).divide(status.getLimitUsd(), 0, RoundingMode.FLOOR);
        return " (" + percent.toPlainString() + " %)";
    }

    private static String timeLeft(BudgetStatus status, Instant now) {
        String month = MONTH.format(status.getPeriodStart());
        if (!now.isBefore(status.getPeriodEnd())) {
            return "now that " + month + " is over";
        }
        long days = Duration.between(now, status.getPeriodEnd()).toDays();
        if (days == 0) {
            return "with less than a day of " + month + " left";
        }
        return "with " + days + (days == 1 ? " day of " : " days of ") + month + " left";
    }
}
