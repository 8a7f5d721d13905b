package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What most of a budget's spend is made of: for each dimension that budgets may name and that this one leaves open, the
 * values that spent most. Read from the cells when a threshold is crossed, which is seldom; of a total, from those that are
 * retained.
 */
final class Contributors {
    private static final int SHOWN = 3;

    private final SpendCells cells;

    Contributors(SpendCells cells) {
        this.cells = cells;
    }

    /** Amounts in the budget's unit by {@code <dimension>=<value>}. */
    Map<String, BigDecimal> of(KnownBudget known, Span span) {
        boolean inTokens = known.budget().getAmountTokens() != null;
        Map<String, Map<String, BigDecimal>> sums = new HashMap<>();
        cells.read(known.tenant(), span, Optional.empty(), Integer.MAX_VALUE, (start, values, amounts) -> {
            if (known.scope().covers(values::get)) {
                BigDecimal amount = inTokens ? Money.exact(BigDecimal.valueOf(amounts.tokens())) : amounts.usd();
                values.forEach((name, value) ->
                        sums.computeIfAbsent(name, dimension -> new HashMap<>()).merge(value, amount, BigDecimal::add));
            }
        });
        sums.keySet().removeAll(known.scope().values().keySet());
        Map<String, BigDecimal> top = new HashMap<>();
        sums.forEach((name, byValue) -> byValue.entrySet().stream()
                .filter(value -> value.getValue().signum() > 0)
                .sorted(Map.Entry.<String, BigDecimal>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(SHOWN)
                .forEach(value -> top.put(name + "=" + value.getKey(), value.getValue())));
        return top;
    }
}
