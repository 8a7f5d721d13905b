package dev.tokenmeter.alerting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.AnomalyContributor;
import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnomalyWordsTest {
    @Test
    void aTeamsDaySaysTheFigureWhatIsUsualAndWhatExplainsIt() {
        Anomaly anomaly = spend("day_over_average", "412", "133")
                .setContributors(List.of(
                        part(Map.of("model", "gpt-4o"), "100", "380"),
                        part(Map.of("model", "gpt-4o", "api_key_id", "batch-7"), "100", "360")))
                .build();
        assertThat(AnomalyWords.found(anomaly))
                .isEqualTo(
                        "Team growth of tenant acme spent $412.00 on 23 November 2026 by 14:05 Europe/Berlin, 3 times"
                                + " its average day of $133.00; mostly gpt-4o by key batch-7 (+$260.00).");
        assertThat(AnomalyWords.resolved(anomaly))
                .isEqualTo("What team growth of tenant acme spent on 23 November 2026 is not out of the ordinary after"
                        + " all, by what became known of the days before.");
    }

    @Test
    void whereNoPairExplainsItTheLargestPartIsNamed() {
        Anomaly.Builder anomaly = spend("day_over_average", "400", "100");
        assertThat(AnomalyWords.found(anomaly.setContributors(List.of(
                                part(Map.of("model", "gpt-4o"), "10", "100"),
                                part(Map.of("api_key_id", "batch-7"), "0", "200"),
                                part(Map.of("model", "m", "api_key_id", "k"), "1", "50")))
                        .build()))
                .endsWith("; mostly key batch-7 (+$200.00).");
        assertThat(AnomalyWords.found(anomaly.setContributors(List.of(part(Map.of("tag.feature", "chat"), "1", "61")))
                        .build()))
                .endsWith("; most of all feature chat (+$60.00).");
    }

    @Test
    void anHourIsComparedWithTheUsual() {
        Anomaly.Builder hour = spend("hour_of_week", "52", "8.5")
                .setDimensions(Map.of("tenant", "acme"))
                .setWindowStart(Instant.parse("2026-11-23T09:00:00Z"))
                .setWindowEnd(Instant.parse("2026-11-23T10:00:00Z"));
        assertThat(AnomalyWords.found(hour.build()))
                .isEqualTo(
                        "Tenant acme spent $52.00 in the hour from 10:00 Europe/Berlin on 23 November 2026, 6.1 times"
                                + " the usual $8.50.");
        assertThat(AnomalyWords.found(hour.setExpectedUsd(usd("0"))
                        .setWindowEnd(Instant.parse("2026-11-23T12:00:00Z"))
                        .build()))
                .isEqualTo(
                        "Tenant acme spent $52.00 in hours between 10:00 and 13:00 Europe/Berlin on 23 November 2026,"
                                + " instead of the usual $0.00.");
    }

    @Test
    void aRateIsSaidInTokens() {
        Anomaly rate = spend("token_rate", "3", "0.25")
                .setDimensions(Map.of("tenant", "acme", "api_key_id", "batch-7"))
                .setObservedTokens(1_200_000L)
                .setExpectedTokens(100_000L)
                .setWindowStart(Instant.parse("2026-11-23T13:05:00Z"))
                .build();
        assertThat(AnomalyWords.found(rate))
                .isEqualTo(
                        "Key batch-7 of tenant acme used 1,200,000 tokens in the five minutes from 14:05 Europe/Berlin"
                                + " on 23 November 2026, 12 times the 100,000 of its busiest five minutes on a usual day. It may"
                                + " be in a loop, or in wrong hands.");
    }

    @Test
    void aSourceIsSaidToBeSilentAndToCallAgain() {
        Anomaly silent = spend("silent_source", "0", "0")
                .setDimensions(Map.of("tenant", "acme", "tag.feature", "search"))
                .setWindowStart(Instant.parse("2026-11-23T08:40:00Z"))
                .setExpectedRequests(1340L)
                .build();
        assertThat(AnomalyWords.found(silent))
                .isEqualTo("Feature search of tenant acme has not called since 09:40 Europe/Berlin on 23 November 2026;"
                        + " by 14:05 Europe/Berlin some 1,340 calls were to be expected.");
        assertThat(AnomalyWords.resolved(silent))
                .isEqualTo("Feature search of tenant acme calls again. It had been silent since 09:40 Europe/Berlin on"
                        + " 23 November 2026.");
    }

    private static Anomaly.Builder spend(String rule, String observed, String expected) {
        return Anomaly.newBuilder()
                .setAnomalyId("a")
                .setTenant("acme")
                .setRule(rule)
                .setDimensions(Map.of("tenant", "acme", "tag.team", "growth"))
                .setTimeZone("Europe/Berlin")
                .setWindowStart(Instant.parse("2026-11-22T23:00:00Z"))
                .setWindowEnd(Instant.parse("2026-11-23T23:00:00Z"))
                .setObservedUsd(usd(observed))
                .setExpectedUsd(usd(expected))
                .setFactor(usd("2"))
                .setDetectedAt(Instant.parse("2026-11-23T13:05:00Z"));
    }

    private static AnomalyContributor part(Map<String, String> of, String expected, String observed) {
        return new AnomalyContributor(of, usd(expected), usd(observed));
    }

    private static BigDecimal usd(String amount) {
        return Money.exact(new BigDecimal(amount));
    }
}
