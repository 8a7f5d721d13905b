package dev.tokenmeter.gateway.cap;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;

/** What callers are told. Amounts are rounded here only, to a millionth of a dollar: spend down, needs up. */
final class CapWording {
    private static final int DIGITS = 6;

    private CapWording() {}

    static String refusal(TenantLedger.Refusal refusal, Instant resetsAt) {
        Spending budget = refusal.budget();
        boolean exhausted = refusal.spent().compareTo(budget.limit()) >= 0;
        String detail = exhausted
                ? ""
                : ", " + usd(refusal.reserved(), RoundingMode.DOWN)
                        + " is reserved for calls under way and this call may" + " cost "
                        + usd(refusal.needed(), RoundingMode.UP);
        return "Budget '" + budget.name() + "' (" + budget.id() + ") does not allow this call: "
                + usd(refusal.spent(), RoundingMode.DOWN) + " of " + usd(budget.limit(), RoundingMode.DOWN)
                + " is spent" + detail + ". It resets at " + resetsAt + ".";
    }

    /** The soft budgets that are used up, fit for a header; null when there is none. */
    static String warning(List<Spending> budgets, BigDecimal settled) {
        StringBuilder text = new StringBuilder();
        for (Spending budget : budgets) {
            BigDecimal spent = budget.spent(settled);
            if (!budget.hard() && spent.compareTo(budget.limit()) >= 0) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append(budget.id())
                        .append("; spent-usd=")
                        .append(digits(spent, RoundingMode.DOWN))
                        .append("; limit-usd=")
                        .append(digits(budget.limit(), RoundingMode.DOWN));
            }
        }
        return text.isEmpty() ? null : text.toString().replaceAll("[^\\x20-\\x7e]", "?");
    }

    private static String usd(BigDecimal amount, RoundingMode rounding) {
        return "$" + digits(amount, rounding);
    }

    private static String digits(BigDecimal amount, RoundingMode rounding) {
        BigDecimal shown = amount.setScale(DIGITS, rounding).stripTrailingZeros();
        return shown.setScale(Math.max(2, shown.scale())).toPlainString();
    }
}
