package dev.tokenmeter.schemas.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BudgetRulesTest {
    private static Budget.Builder budget() {
        return Budget.newBuilder()
                .setBudgetId("b1")
                .setTenant("acme")
                .setName("b")
                .setAmountUsd(Money.exact(BigDecimal.TEN))
                .setUpdatedAt(Instant.EPOCH);
    }

    private static String problem(Budget.Builder budget) {
        return String.valueOf(BudgetRules.problem(budget.build(), BudgetDimensions.DEFAULT));
    }

    @Test
    void aDefinitionThatCanBeKeptToHasNoProblem() {
        for (String period : List.of("day", "week", "month", "total")) {
            assertThat(problem(budget().setPeriod(period)
                            .setTimeZone("Asia/Kathmandu")
                            .setDimensions(Map.of("tag.team", "growth", "model", "gpt-4o"))
                            .setFallbackModel("gpt-4o-mini")))
                    .isEqualTo("null");
        }
        assertThat(problem(budget().setAmountUsd(Money.ZERO).setAmountTokens(5L)))
                .isEqualTo("null");
    }

    @Test
    void aProblemNamesTheFieldWhatWasFoundAndWhatIsAllowed() {
        assertThat(problem(budget().setAmountUsd(Money.exact(new BigDecimal("-1")))))
                .startsWith("amount_usd is -1.0");
        assertThat(problem(budget().setAmountTokens(5L))).contains("0 where amount_tokens is set");
        assertThat(problem(budget().setAmountUsd(Money.ZERO).setAmountTokens(-5L)))
                .startsWith("amount_tokens is -5");
        assertThat(problem(budget().setPeriod("year"))).isEqualTo("period is 'year'; allowed: day, week, month, total");
        assertThat(problem(budget().setTimeZone("+01:07"))).startsWith("time_zone is '+01:07'; allowed: a name of");
        assertThat(problem(budget().setDimensions(Map.of("tag.color", "red"))))
                .startsWith("dimensions is 'tag.color'; allowed: api_key_id, provider")
                .endsWith("(setting budgets.dimensions)");
        assertThat(problem(budget().setDimensions(Map.of("model", "")))).startsWith("dimensions.model is 0 characters");
        assertThat(problem(budget().setThresholdsPercent(List.of(0)))).startsWith("thresholds_percent is [0]");
        assertThat(problem(budget().setRollOverPercent(101))).startsWith("roll_over_percent is 101; allowed: whole");
        assertThat(problem(budget().setRollOverPercent(1).setPeriod("total"))).contains("0 with period total");
        assertThat(problem(budget().setFallbackModel("gpt-4o-mini"))).contains("provider or model among dimensions");
    }

    @Test
    void aModelStandsForItsSnapshotsAndARequestForWhatItMayBeAnsweredBy() {
        BudgetScope plain = new BudgetScope(Map.of("model", "gpt-4o"));
        assertThat(plain.covers(name -> "gpt-4o-2024-08-06")).isTrue();
        assertThat(plain.covers(name -> "gpt-4o-mini-2024-07-18")).isFalse();
        assertThat(plain.mayCover(name -> "gpt-4o")).isTrue();
        assertThat(plain.mayCover(name -> "gpt-4o-mini")).isFalse();

        BudgetScope dated = new BudgetScope(Map.of("model", "claude-sonnet-4-20250514"));
        assertThat(dated.covers(name -> "claude-sonnet-4-20250514")).isTrue();
        assertThat(dated.covers(name -> "claude-sonnet-4-20250929")).isFalse();
        assertThat(dated.mayCover(name -> "claude-sonnet-4-0")).isFalse();
        assertThat(dated.mayCover(name -> "claude-sonnet-4")).isTrue();
        assertThat(dated.mayCover(name -> null)).isFalse();
    }

    @Test
    void aScopeWantsAllOfItsValues() {
        BudgetScope scope = new BudgetScope(Map.of("tag.team", "growth", "provider", "openai"));
        assertThat(scope.covers(Map.of("tag.team", "growth", "provider", "openai")::get))
                .isTrue();
        assertThat(scope.covers(Map.of("tag.team", "growth")::get)).isFalse();
        assertThat(new BudgetScope(Map.of()).covers(name -> null)).isTrue();
    }
}
