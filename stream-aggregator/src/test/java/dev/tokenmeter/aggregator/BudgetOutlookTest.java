package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a status says beyond what is spent. */
class BudgetOutlookTest {
    private static final Instant NOW = Instant.parse("2026-11-18T12:00:00Z");

    private final AggregatorDriver aggregator = new AggregatorDriver(NOW);

    @AfterEach
    void close() {
        aggregator.close();
    }

    @Test
    void aMonthIsForetoldFromTheWeeksBeforeAndSoIsTheDayOnWhichTheBudgetIsUsedUp() {
        spendADollarAnHourOnWeekdays(40);
        aggregator.define(budget("420").build());
        aggregator.advance(Duration.ofSeconds(6));

        BudgetStatus status = last();
        assertThat(status.getSpentUsd()).isEqualByComparingTo("300");
        assertThat(status.getForecastUsd()).isBetween(new BigDecimal("495"), new BigDecimal("513"));
        assertThat(status.getForecastLowUsd()).isBetween(new BigDecimal("480"), status.getForecastUsd());
        assertThat(status.getForecastHighUsd()).isBetween(status.getForecastUsd(), new BigDecimal("525"));
        assertThat(status.getExhaustedAt())
                .isBetween(Instant.parse("2026-11-25T06:00:00Z"), Instant.parse("2026-11-25T18:00:00Z"));
        assertThat(status.getForecastTokens()).isNull();
    }

    /** As when the log is counted anew, or a demo's past is made: what came first says nothing of how things go. */
    @Test
    void aPastThatIsStillComingInIsNotTakenForTheWhole() {
        aggregator.define(budget("420").build());
        spendADollarAnHourOnWeekdays(40, 20);
        aggregator.advance(Duration.ofSeconds(2));
        assertThat(aggregator.newStatuses()).allMatch(status -> status.value().getForecastUsd() == null);
        aggregator.advance(Duration.ofSeconds(6));
        assertThat(last().getForecastUsd()).isNotNull();

        spendADollarAnHourOnWeekdays(20, 0);
        aggregator.advance(Duration.ofSeconds(65));
        assertThat(last().getForecastUsd()).isBetween(new BigDecimal("495"), new BigDecimal("513"));
    }

    @Test
    void aForecastThatSaysNearlyTheSameIsNotSaidAgainAndALimitThatChangesIsJudgedAtOnce() {
        spendADollarAnHourOnWeekdays(40);
        aggregator.define(budget("420").build());
        aggregator.advance(Duration.ofSeconds(6));
        last();
        aggregator.advance(Duration.ofMinutes(2));
        assertThat(aggregator.newStatuses()).isEmpty();

        aggregator.define(budget("520").build());
        assertThat(last().getExhaustedAt()).isNull();
    }

    @Test
    void withLessThanTwoWeeksItIsTooEarlyToTell() {
        spendADollarAnHourOnWeekdays(13);
        aggregator.define(budget("420").build());
        aggregator.advance(Duration.ofSeconds(6));

        BudgetStatus status = last();
        assertThat(status.getForecastUsd()).isNull();
        assertThat(status.getExhaustedAt()).isNull();
    }

    @Test
    void aBudgetInTokensAndOneInTotalHaveAnOutlookInTheirOwnTerms() {
        spendADollarAnHourOnWeekdays(40);
        aggregator.define(budget("0").setAmountTokens(100_000L).build());
        aggregator.advance(Duration.ofSeconds(6));
        BudgetStatus tokens = last();
        assertThat(tokens.getForecastTokens()).isBetween(7_000L, 8_200L);
        assertThat(tokens.getForecastUsd()).isNull();
        assertThat(tokens.getExhaustedAt()).isNull();

        aggregator.define(budget("1000").setPeriod("total").build());
        aggregator.advance(Duration.ofSeconds(6));
        BudgetStatus total = last();
        assertThat(total.getForecastUsd()).isNull();
        assertThat(total.getExhaustedAt())
                .isBetween(Instant.parse("2026-12-03T00:00:00Z"), Instant.parse("2026-12-23T00:00:00Z"));
        aggregator.advance(Duration.ofMinutes(5));
        assertThat(aggregator.newStatuses()).isEmpty();
    }

    @Test
    void aBudgetThatIsUsedUpSaysSinceWhen() {
        aggregator.define(budget("10").build());
        aggregator.newStatuses();
        spend(NOW, "10");
        Instant since = last().getExhaustedAt();
        assertThat(since).isBetween(NOW, NOW.plusSeconds(1));
        aggregator.advance(Duration.ofHours(1));
        spend(NOW, "1");

        assertThat(last().getExhaustedAt()).isEqualTo(since);
    }

    @Test
    void whatMostOfItWasSpentOnIsSaidWhenAThresholdIsCrossed() {
        aggregator.define(
                budget("10").setDimensions(Map.of("tag.team", "growth")).build());
        spendOn("gpt-5", "chat", "4");
        spendOn("gpt-5", "search", "1");
        spendOn("claude", "search", "2");
        assertThat(last().getTopContributors()).isEmpty();
        spendOn("claude", "search", "1");

        assertThat(last().getTopContributors())
                .containsEntry("model=gpt-5", usd("5"))
                .containsEntry("model=claude", usd("3"))
                .containsEntry("tag.feature=chat", usd("4"))
                .doesNotContainKey("tag.team=growth");
        spendOn("gpt-5", "chat", "1");
        assertThat(last().getTopContributors()).containsEntry("model=gpt-5", usd("5"));
    }

    private void spendOn(String model, String feature, String usd) {
        aggregator.send(Events.event("acme", NOW, usd)
                .setModel(model)
                .setTags(Map.of("team", "growth", "feature", feature))
                .build());
    }

    private void spendADollarAnHourOnWeekdays(int days) {
        spendADollarAnHourOnWeekdays(days, 0);
    }

    /** From so many days ago until so many days ago; 0 for now. */
    private void spendADollarAnHourOnWeekdays(int days, int until) {
        Instant today = Instant.parse("2026-11-18T00:00:00Z");
        Instant end = until == 0 ? NOW : today.minus(Duration.ofDays(until));
        for (Instant at = today.minus(Duration.ofDays(days)); at.isBefore(end); at = at.plusSeconds(3600)) {
            if (at.atZone(ZoneOffset.UTC).getDayOfWeek().getValue() < 6) {
                spend(at, "1");
            }
        }
    }

    private void spend(Instant at, String usd) {
        aggregator.send(Events.event("acme", at, usd).build());
    }

    private static BigDecimal usd(String amount) {
        return Money.exact(new BigDecimal(amount));
    }

    private static Budget.Builder budget(String amount) {
        return AggregatorDriver.budget("b1", "acme", amount);
    }

    private BudgetStatus last() {
        List<BudgetStatus> statuses = aggregator.newStatuses().stream()
                .map(TestRecord::value)
                .filter(status -> status != null && !status.getClosed())
                .toList();
        return statuses.get(statuses.size() - 1);
    }
}
