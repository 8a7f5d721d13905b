package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.BudgetStatus;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/** Sentences that a manager understands: whose spend, the figure, the limit, the cause. */
final class Wording {
    private Wording() {}

    static String crossed(BudgetStatus status, Instant now) {
        boolean refused = status.getHard() && BudgetWords.spent(status).compareTo(BudgetWords.limit(status)) >= 0;
        String left = BudgetWords.timeLeft(status, now);
        return BudgetWords.whose(status) + " has " + BudgetWords.spentOfBudget(status)
                + (left.isEmpty() ? "" : ", " + left) + "."
                + BudgetWords.cause(status)
                + (refused ? BudgetWords.refused(status) : "");
    }

    static String willExceed(BudgetStatus status, Instant now) {
        return BudgetWords.whose(status) + " will have spent " + BudgetWords.forecastAndInterval(status) + " by "
                + BudgetWords.periodEnd(status) + ", as it looks now: so far it has "
                + BudgetWords.spentOfBudget(status) + "." + BudgetWords.usedUp(status, now)
                + BudgetWords.cause(status);
    }

    static String cameTrue(BudgetStatus status, Instant now) {
        return "The forecast has come true: " + crossed(status, now);
    }

    static String noLonger(BudgetStatus status) {
        return BudgetWords.whose(status) + " will not pass its budget '" + status.getName()
                + "' any more, as it looks now: it has " + BudgetWords.spentOfBudget(status) + ".";
    }

    static String backBelow(BudgetStatus status, int threshold) {
        return BudgetWords.whose(status) + " is below " + threshold + " % of its budget again: it has "
                + BudgetWords.spentOfBudget(status) + ".";
    }

    static String thresholdRemoved(BudgetStatus status, int threshold) {
        return "Budget '" + status.getName() + "' of tenant " + status.getTenant() + " has no alert at " + threshold
                + " % any more.";
    }

    static String budgetRemoved(Alert alert) {
        return "The budget of tenant " + alert.getTenant() + " to which this alert belonged was removed.";
    }

    static String unpriced(Map<String, String> of, long requests, long tokens) {
        return "Tenant " + of.get("tenant") + " uses the model " + of.get("model") + " at " + of.get("provider")
                + ", whose price is not known: " + String.format(Locale.ENGLISH, "%,d", requests)
                + (requests == 1 ? " call" : " calls") + " with " + String.format(Locale.ENGLISH, "%,d", tokens)
                + " tokens so far have no cost. They are priced by themselves once a price is set.";
    }

    static String priced(Map<String, String> of) {
        return "The calls of tenant " + of.get("tenant") + " to the model " + of.get("model") + " at "
                + of.get("provider") + " have their price now.";
    }

    static String over(Alert alert) {
        return "Closed, as the period that it was about is over: " + alert.getSummary();
    }
}
