package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/** What a budget counts in. Amounts of either unit are exact decimals. */
enum Unit {
    USD {
        @Override
        BigDecimal limit(Budget budget) {
            return budget.getAmountUsd();
        }

        @Override
        BigDecimal spent(BudgetStatus status) {
            return status.getSpentUsd();
        }

        @Override
        BigDecimal carriedOver(BudgetStatus status) {
            return status.getCarriedOverUsd();
        }

        @Override
        Map<String, BigDecimal> byRun(BudgetStatus status) {
            return status.getSpentByGatewayRun();
        }

        @Override
        BigDecimal of(UsageEvent event) {
            return event.getCostUsd() == null ? Money.ZERO : event.getCostUsd();
        }

        @Override
        BigDecimal of(WorstCase worst) {
            return worst.usd() == null ? Money.ZERO : worst.usd();
        }
    },
    TOKENS {
        @Override
        BigDecimal limit(Budget budget) {
            return BigDecimal.valueOf(budget.getAmountTokens());
        }

        @Override
        BigDecimal spent(BudgetStatus status) {
            return BigDecimal.valueOf(status.getSpentTokens());
        }

        @Override
        BigDecimal carriedOver(BudgetStatus status) {
            return BigDecimal.valueOf(status.getCarriedOverTokens());
        }

        @Override
        Map<String, BigDecimal> byRun(BudgetStatus status) {
            Map<String, BigDecimal> byRun = new HashMap<>();
            status.getTokensByGatewayRun().forEach((run, tokens) -> byRun.put(run, BigDecimal.valueOf(tokens)));
            return byRun;
        }

        @Override
        BigDecimal of(UsageEvent event) {
            return BigDecimal.valueOf(TokenKind.total(event));
        }

        @Override
        BigDecimal of(WorstCase worst) {
            return BigDecimal.valueOf(worst.tokens());
        }
    };

    static Unit of(Budget budget) {
        return budget.getAmountTokens() == null ? USD : TOKENS;
    }

    abstract BigDecimal limit(Budget budget);

    abstract BigDecimal spent(BudgetStatus status);

    /** What the period before left for this one. */
    abstract BigDecimal carriedOver(BudgetStatus status);

    abstract Map<String, BigDecimal> byRun(BudgetStatus status);

    /** What a call that has ended adds; nothing where its cost is not known. */
    abstract BigDecimal of(UsageEvent event);

    /** What to set aside for a call. */
    abstract BigDecimal of(WorstCase worst);
}
