package dev.tokenmeter.schemas.budget;

import dev.tokenmeter.schemas.Budget;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which definitions of budgets can be kept to. The control plane, the aggregator and the gateway ask here, so that none of
 * them applies what another refuses.
 */
public final class BudgetRules {
    private static final int MAX_THRESHOLD_PERCENT = 1000;
    private static final int MAX_THRESHOLDS = 100;
    private static final int MAX_ROLL_OVER_PERCENT = 100;
    private static final int MAX_NAME_CHARS = 256;

    /**
     * What is wrong with a definition.
     *
     * @param field its name
     * @param found what it holds
     * @param allowed what would do
     */
    public record Problem(String field, String found, String allowed) {
        @Override
        public String toString() {
            return field + " is " + found + "; allowed: " + allowed;
        }
    }

    private BudgetRules() {}

    /**
     * The first problem.
     *
     * @param dimensions those that budgets may name here
     * @return null for none
     */
    public static Problem problem(Budget budget, BudgetDimensions dimensions) {
        Problem problem = amountProblem(budget);
        problem = problem == null ? periodProblem(budget) : problem;
        problem = problem == null ? scopeProblem(budget, dimensions) : problem;
        problem = problem == null ? thresholdsProblem(budget.getThresholdsPercent()) : problem;
        problem = problem == null ? rollOverProblem(budget) : problem;
        return problem == null ? fallbackProblem(budget) : problem;
    }

    private static Problem amountProblem(Budget budget) {
        if (budget.getAmountUsd().signum() < 0) {
            return new Problem("amount_usd", budget.getAmountUsd().toPlainString(), "zero or more");
        }
        Long tokens = budget.getAmountTokens();
        if (tokens != null && tokens < 0) {
            return new Problem("amount_tokens", tokens.toString(), "zero or more");
        }
        if (tokens != null && budget.getAmountUsd().signum() != 0) {
            return new Problem("amount_usd", budget.getAmountUsd().toPlainString(), "0 where amount_tokens is set");
        }
        return null;
    }

    private static Problem periodProblem(Budget budget) {
        boolean known = Arrays.stream(BudgetPeriod.Length.values())
                .anyMatch(length -> length.label().equals(budget.getPeriod()));
        if (!known) {
            String allowed = Arrays.stream(BudgetPeriod.Length.values())
                    .map(BudgetPeriod.Length::label)
                    .collect(Collectors.joining(", "));
            return new Problem("period", "'" + budget.getPeriod() + "'", allowed);
        }
        // Names only: an offset such as +01:07 would cut quarters of an hour, by which spend is kept, in two.
        return ZoneId.getAvailableZoneIds().contains(budget.getTimeZone())
                ? null
                : new Problem(
                        "time_zone",
                        "'" + budget.getTimeZone() + "'",
                        "a name of the IANA time zone database, such as UTC or Europe/Berlin");
    }

    private static Problem scopeProblem(Budget budget, BudgetDimensions dimensions) {
        for (Map.Entry<String, String> value : budget.getDimensions().entrySet()) {
            if (!dimensions.names().contains(value.getKey())) {
                return new Problem(
                        "dimensions",
                        "'" + value.getKey() + "'",
                        String.join(", ", dimensions.names()) + " (setting budgets.dimensions)");
            }
            if (value.getValue().isEmpty() || value.getValue().length() > MAX_NAME_CHARS) {
                return new Problem(
                        "dimensions." + value.getKey(),
                        value.getValue().length() + " characters",
                        "1 to " + MAX_NAME_CHARS + " characters");
            }
        }
        return null;
    }

    private static Problem thresholdsProblem(List<Integer> thresholds) {
        boolean fine = thresholds.size() <= MAX_THRESHOLDS
                && thresholds.stream().allMatch(t -> t >= 1 && t <= MAX_THRESHOLD_PERCENT);
        return fine
                ? null
                : new Problem(
                        "thresholds_percent",
                        thresholds.toString(),
                        "up to " + MAX_THRESHOLDS + " whole numbers from 1 to " + MAX_THRESHOLD_PERCENT);
    }

    private static Problem rollOverProblem(Budget budget) {
        int percent = budget.getRollOverPercent();
        if (percent < 0 || percent > MAX_ROLL_OVER_PERCENT) {
            return new Problem(
                    "roll_over_percent", Integer.toString(percent), "whole numbers from 0 to " + MAX_ROLL_OVER_PERCENT);
        }
        return percent > 0 && budget.getPeriod().equals(BudgetPeriod.Length.TOTAL.label())
                ? new Problem("roll_over_percent", Integer.toString(percent), "0 with period total, which never ends")
                : null;
    }

    private static Problem fallbackProblem(Budget budget) {
        String model = budget.getFallbackModel();
        if (model == null) {
            return null;
        }
        if (model.isEmpty() || model.length() > MAX_NAME_CHARS) {
            return new Problem(
                    "fallback_model", model.length() + " characters", "1 to " + MAX_NAME_CHARS + " characters");
        }
        boolean oneProvider = budget.getDimensions().containsKey("provider")
                || budget.getDimensions().containsKey(BudgetDimensions.MODEL);
        return oneProvider
                ? null
                : new Problem(
                        "fallback_model",
                        "'" + model + "'",
                        "with provider or model among dimensions, as another provider does not have this model");
    }
}
