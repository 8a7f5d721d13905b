package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Collectors;

/** What callers are told. Dollars are rounded here only, to a millionth: spend down, needs up. */
final class CapWording {
    private static final int DIGITS = 6;

    private CapWording() {}

    static String refusal(Standing standing, BigDecimal needed) {
        Budget budget = standing.budget();
        String detail = standing.isUsedUp()
                ? ""
                : ", " + amount(standing, standing.reserved(), RoundingMode.DOWN)
                        + " is reserved for calls under way and this call may "
                        + (standing.unit() == Unit.USD ? "cost " : "use ") + amount(standing, needed, RoundingMode.UP);
        return "Budget '" + budget.getName() + "' (" + budget.getBudgetId() + ") does not allow this call: "
                + amount(standing, standing.spent(), RoundingMode.DOWN) + " of "
                + amount(standing, standing.limit(), RoundingMode.DOWN) + " is spent" + detail + ". " + reset(standing);
    }

    private static String reset(Standing standing) {
        if (standing.span() == Span.TOTAL) {
            return "It does not reset.";
        }
        ZoneId zone = ZoneId.of(standing.budget().getTimeZone());
        boolean utc = zone.getRules().getOffset(standing.span().end()).equals(ZoneOffset.UTC);
        return "It resets at "
                + (utc
                        ? standing.span().end()
                        : standing.span().end().atZone(zone).toOffsetDateTime() + " (" + zone.getId() + ")")
                + ".";
    }

    /** The soft budgets that are used up, fit for a header; null when there is none. */
    static String warning(List<Standing> usedUp) {
        return usedUp.isEmpty()
                ? null
                : header(usedUp.stream().map(CapWording::warning).collect(Collectors.joining(", ")));
    }

    private static String warning(Standing standing) {
        String unit = standing.unit() == Unit.USD ? "usd" : "tokens";
        return standing.budget().getBudgetId() + "; spent-" + unit + "="
                + digits(standing, standing.spent(), RoundingMode.DOWN) + "; limit-" + unit + "="
                + digits(standing, standing.limit(), RoundingMode.DOWN);
    }

    /** Why a call falls to another model, fit for a header. */
    static String fallback(Budget budget, String asked) {
        return header(budget.getFallbackModel() + "; instead-of=" + asked + "; budget=" + budget.getBudgetId());
    }

    private static String header(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }

    private static String amount(Standing standing, BigDecimal amount, RoundingMode rounding) {
        String digits = digits(standing, amount, rounding);
        return standing.unit() == Unit.USD ? "$" + digits : digits + " tokens";
    }

    private static String digits(Standing standing, BigDecimal amount, RoundingMode rounding) {
        if (standing.unit() == Unit.TOKENS) {
            return amount.toPlainString();
        }
        BigDecimal shown = amount.setScale(DIGITS, rounding).stripTrailingZeros();
        return shown.setScale(Math.max(2, shown.scale())).toPlainString();
    }
}
