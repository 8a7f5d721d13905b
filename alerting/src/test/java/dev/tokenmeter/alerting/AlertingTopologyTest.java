package dev.tokenmeter.alerting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertingTopologyTest {
    private static final Instant NOW = Instant.parse("2026-11-22T15:00:00Z");
    private static final String KEY = "b1|2026-11-01T00:00:00Z";

    @TempDir
    Path stateDir;

    private final AlertingSerdes serdes = AlertingDrivers.serdes();
    private final List<Alert> delivered = new ArrayList<>();
    private TopologyTestDriver driver;
    private TestOutputTopic<String, Alert> alerts;

    @BeforeEach
    void start() {
        AlertingConfig config = AlertingConfig.from(Settings.of(Map.of()));
        AlertingTopology topology = new AlertingTopology(config, serdes, delivered::add, new SimpleMeterRegistry());
        driver = AlertingDrivers.driver(topology, stateDir, NOW);
        alerts = AlertingDrivers.alerts(driver, serdes);
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void aCrossedThresholdFiresOnceInASentenceForAManager() {
        send(status("799.99", "1000").build());
        assertThat(alerts.isEmpty()).isTrue();
        send(status("812.404", "1000", 80).build());
        send(status("900", "1000", 80).build());

        TestRecord<String, Alert> record = only();
        Alert alert = record.value();
        assertThat(record.key()).isEqualTo("budget_threshold|b1|2026-11-01T00:00:00Z|80");
        assertThat(alert.getAlertId()).isEqualTo(record.key());
        assertThat(alert.getState()).isEqualTo(AlertState.firing);
        assertThat(alert.getSeverity()).isEqualTo("warning");
        assertThat(alert.getSummary())
                .isEqualTo("Tenant acme has spent $812.40 of its $1,000.00 monthly budget 'Production' (81 %),"
                        + " with 8 days of November left.");
        assertThat(alert.getObservedUsd()).isEqualByComparingTo("812.404");
        assertThat(alert.getLimitUsd()).isEqualByComparingTo("1000");
        assertThat(alert.getLabels()).containsEntry("budget_id", "b1").containsEntry("threshold", "80");
        assertThat(delivered).containsExactly(alert);
    }

    @Test
    void eachThresholdHasItsOwnAlertAndTheWholeLimitIsCritical() {
        send(status("1000", "1000", 80, 100).setHard(true).build());

        List<Alert> fired = alerts.readValuesToList();
        assertThat(fired).extracting(Alert::getSeverity).containsExactly("warning", "critical");
        assertThat(fired.get(1).getSummary())
                .isEqualTo("Tenant acme has spent $1,000.00 of its $1,000.00 monthly budget 'Production' (100 %),"
                        + " with 8 days of November left."
                        + " Further calls are refused until the limit is raised or the month ends.");
    }

    @Test
    void aHardBudgetTellsWhenItBeginsToRefuseCallsWhateverItsThresholds() {
        send(status("1000", "1000", 80).setHard(true).build());
        List<Alert> fired = alerts.readValuesToList();
        assertThat(fired).extracting(Alert::getSeverity).containsExactly("warning", "critical");
        assertThat(fired.get(1).getLabels()).containsEntry("threshold", "100").containsEntry("hard", "true");
        assertThat(fired.get(1).getSummary()).contains("Further calls are refused");

        send(status("1000", "1200", 80).setHard(true).build());
        assertThat(only().value().getSummary()).startsWith("Tenant acme is below 100 % of its budget again");
    }

    @Test
    void aRaisedBudgetResolvesTheAlertAndCrossingAgainFiresAgain() {
        send(status("812.40", "1000", 80).build());
        send(status("812.40", "2000").build());
        send(status("1700", "2000", 80).build());

        List<Alert> steps = alerts.readValuesToList();
        assertThat(steps)
                .extracting(Alert::getState)
                .containsExactly(AlertState.firing, AlertState.resolved, AlertState.firing);
        assertThat(steps).extracting(Alert::getAlertId).containsOnly("budget_threshold|b1|2026-11-01T00:00:00Z|80");
        assertThat(steps.get(1).getSummary())
                .isEqualTo("Tenant acme is below 80 % of its budget again: it has spent $812.40 of its $2,000.00"
                        + " monthly budget 'Production' (40 %).");
        assertThat(steps.get(1).getLimitUsd()).isEqualByComparingTo("2000");
        assertThat(steps.get(1).getStartsAt()).isEqualTo(steps.get(0).getStartsAt());
    }

    @Test
    void theSentenceFitsAnyScopePeriodAndUnit() {
        send(status("0", "0", 80)
                .setDimensions(Map.of("tag.team", "growth", "model", "gpt-4o"))
                .setPeriod("day")
                .setTimeZone("Asia/Kathmandu")
                .setPeriodStart(Instant.parse("2026-11-22T18:15:00Z"))
                .setPeriodEnd(NOW.plusSeconds(3 * 3600 + 60))
                .setSpentTokens(812_999)
                .setLimitTokens(1_000_000L)
                .build());

        Alert alert = only().value();
        assertThat(alert.getSummary())
                .isEqualTo(
                        "Tenant acme (model gpt-4o, team growth) has used 812,999 of the 1,000,000 tokens of its daily"
                                + " budget 'Production' (81 %), with 3 hours of 23 November left.");
        assertThat(alert.getObservedUsd()).isNull();
        assertThat(alert.getLabels()).containsEntry("tag.team", "growth").containsEntry("budget_id", "b1");
        assertThat(Wording.crossed(
                        status("5", "5", 100).setPeriod("total").setHard(true).build(), NOW))
                .isEqualTo("Tenant acme has spent $5.00 of its $5.00 total budget 'Production' (100 %)."
                        + " Further calls are refused until the limit is raised.");
        assertThat(Wording.crossed(status("4", "5", 80).setPeriod("week").build(), NOW))
                .contains("weekly budget 'Production' (80 %), with 8 days of the week from 1 November left.");
    }

    @Test
    void aClosedStatusResolvesItsAlerts() {
        send(status("1000", "1000", 80).build());
        alerts.readValuesToList();
        send(status("1000", "1000", 80).setClosed(true).build());
        assertThat(only().value().getState()).isEqualTo(AlertState.resolved);
        sendBytes(Topics.BUDGET_STATUS, KEY, null);
        assertThat(alerts.isEmpty()).isTrue();
    }

    @Test
    void aRemovedThresholdOrBudgetResolvesItsAlerts() {
        send(status("1000", "1000", 80, 100).build());
        alerts.readValuesToList();
        send(status("1000", "1000", 100).setThresholdsPercent(List.of(100)).build());
        assertThat(only().value().getSummary())
                .isEqualTo("Budget 'Production' of tenant acme has no alert at 80 % any more.");

        sendBytes(Topics.BUDGET_STATUS, KEY, null);

        Alert resolved = only().value();
        assertThat(resolved.getState()).isEqualTo(AlertState.resolved);
        assertThat(resolved.getAlertId()).endsWith("|100");
    }

    @Test
    void anAnomalyFiresOnceAndIsResolvedWhenItIsOldNews() {
        send(anomaly().build());
        send(anomaly().build());

        TestRecord<String, Alert> record = only();
        assertThat(record.key()).isEqualTo("anomaly|day_over_average|acme|2026-11-22");
        assertThat(record.value().getSummary())
                .isEqualTo(
                        "Tenant acme spent $45.20 on 22 November 2026 by 15:00 UTC, 2.2 times its average day of $20.00.");
        assertThat(record.value().getLabels()).containsEntry("rule", "day_over_average");

        driver.advanceWallClockTime(Duration.ofHours(32));
        assertThat(alerts.isEmpty()).isTrue();
        driver.advanceWallClockTime(Duration.ofHours(1));
        assertThat(only().value().getState()).isEqualTo(AlertState.resolved);
    }

    @Test
    void whatIsPartOfAnAnomalyAlertsNobodyUntilItStandsAlone() {
        send(anomaly().build());
        only();
        Anomaly.Builder team = anomaly()
                .setAnomalyId("day_over_average|acme|2026-11-22|tag.team|growth")
                .setDimensions(Map.of("tenant", "acme", "tag.team", "growth"))
                .setPartOf("day_over_average|acme|2026-11-22");
        send(team.build());
        assertThat(alerts.isEmpty()).isTrue();
        send(anomaly().setResolved(true).setRevision(1).build());
        only();
        send(team.setPartOf(null).setSeverity("critical").setRevision(1).build());

        Alert alert = only().value();
        assertThat(alert.getState()).isEqualTo(AlertState.firing);
        assertThat(alert.getSeverity()).isEqualTo("critical");
        assertThat(alert.getLabels()).containsEntry("tag.team", "growth");
    }

    @Test
    void anAnomalyThatIsTakenBackIsResolvedOnce() {
        send(anomaly().build());
        only();
        send(anomaly().setResolved(true).setRevision(1).build());
        send(anomaly().setResolved(true).setRevision(1).build());

        Alert resolved = only().value();
        assertThat(resolved.getState()).isEqualTo(AlertState.resolved);
        assertThat(resolved.getSummary())
                .isEqualTo(
                        "What tenant acme spent on 22 November 2026 is not out of the ordinary after all, by what became"
                                + " known of the days before.");
    }

    @Test
    void whatWasTakenBackAndStandsAgainFiresAgain() {
        send(anomaly().build());
        send(anomaly().setResolved(true).setRevision(1).build());
        alerts.readRecordsToList();
        send(anomaly().setRevision(2).build());

        assertThat(only().value().getState()).isEqualTo(AlertState.firing);
    }

    @Test
    void anAnomalyAboutADayThatWasOverForADayWhenItWasFoundAlertsNobody() {
        Instant dayBeforeYesterday = NOW.truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(2));
        send(anomaly()
                .setWindowStart(dayBeforeYesterday)
                .setWindowEnd(dayBeforeYesterday.plus(Duration.ofDays(1)))
                .build());

        assertThat(alerts.isEmpty()).isTrue();
    }

    @Test
    void whatIsLongPastFiresNoMore() {
        driver.advanceWallClockTime(Duration.ofDays(40));
        send(status("1000", "1000", 80, 100).build());
        send(anomaly().build());

        assertThat(alerts.isEmpty()).isTrue();
    }

    @Test
    void aModelWithoutAPriceIsToldOnceAndAgainWhenItIsPriced() {
        send("w1", day("new-model", "key-1", 0, 0));
        assertThat(alerts.isEmpty()).isTrue();
        send("w1", day("new-model", "key-1", 1, 1_200));

        Alert alert = only().value();
        assertThat(alert.getAlertId()).isEqualTo("unpriced_model|acme|openai|new-model");
        assertThat(alert.getState()).isEqualTo(AlertState.firing);
        assertThat(alert.getSummary())
                .isEqualTo("Tenant acme uses the model new-model at openai, whose price is not known: 1 call with 1,200"
                        + " tokens so far have no cost. They are priced by themselves once a price is set.");
        assertThat(alert.getLabels()).containsEntry("model", "new-model").containsEntry("unpriced_tokens", "1200");
        assertThat(alert.getObservedUsd()).isNull();

        send("w1", day("new-model", "key-1", 5, 6_000));
        send("w2", day("new-model", "key-2", 3, 900));
        assertThat(alerts.isEmpty()).isTrue();
        send("w1", day("new-model", "key-1", 0, 0));
        assertThat(alerts.isEmpty()).isTrue();
        send("w2", day("new-model", "key-2", 0, 0));

        Alert resolved = only().value();
        assertThat(resolved.getState()).isEqualTo(AlertState.resolved);
        assertThat(resolved.getSummary())
                .isEqualTo("The calls of tenant acme to the model new-model at openai have their price now.");
        assertThat(delivered).hasSize(2);
    }

    @Test
    void eachModelWithoutAPriceHasItsOwnAlertAndHoursAndOtherGroupsCountForNone() {
        send("w1", day("a", "k", 1, 10));
        send("w2", day("a-2", "k", 1, 10));
        send(
                "w3",
                UsageRollup.newBuilder(day("b", "k", 1, 10))
                        .setGranularity(Granularity.hour)
                        .build());
        send(
                "w4",
                UsageRollup.newBuilder(day("c", "k", 1, 10))
                        .setDimensionGroup("tenant")
                        .build());
        send("w1", day("a", "k", 0, 0));

        assertThat(alerts.readValuesToList())
                .extracting(Alert::getAlertId, Alert::getState)
                .containsExactly(
                        tuple("unpriced_model|acme|openai|a", AlertState.firing),
                        tuple("unpriced_model|acme|openai|a-2", AlertState.firing),
                        tuple("unpriced_model|acme|openai|a", AlertState.resolved));
    }

    @Test
    void aModelThatStaysWithoutAPriceForDaysIsToldOnceAndIsOldNewsADayAfterItsLastCall() {
        send("w1", day("a", "k", 1, 10));
        only();
        driver.advanceWallClockTime(Duration.ofDays(1));
        UsageRollup next = UsageRollup.newBuilder(day("a", "k", 2, 20))
                .setWindowStart(Instant.parse("2026-11-23T00:00:00Z"))
                .setWindowEnd(Instant.parse("2026-11-24T00:00:00Z"))
                .build();
        send("w2", next);
        driver.advanceWallClockTime(Duration.ofHours(32));
        assertThat(alerts.isEmpty()).isTrue();
        driver.advanceWallClockTime(Duration.ofHours(1));
        assertThat(only().value().getState()).isEqualTo(AlertState.resolved);
    }

    @Test
    void theTimeLeftIsSaidAsPeopleSayIt() {
        assertThat(timeLeft("2026-11-29T00:00:00Z")).contains("with 2 days of November left");
        assertThat(timeLeft("2026-11-29T12:00:00Z")).contains("with 1 day of November left");
        assertThat(timeLeft("2026-11-30T00:00:01Z")).contains("with less than a day of November left");
        assertThat(timeLeft("2026-12-01T00:00:00Z")).contains("now that November is over");
    }

    @Test
    void poisonGoesToTheDeadLetterTopicAndTheStreamGoesOn() {
        sendBytes(Topics.BUDGET_STATUS, KEY, new byte[] {7});
        send(status("812.40", "1000", 80).build());

        assertThat(driver.createOutputTopic(
                                Topics.DEAD_LETTER.topicName(), new StringDeserializer(), new StringDeserializer())
                        .readKeyValuesToList())
                .hasSize(1);
        only();
    }

    private static String timeLeft(String at) {
        return Wording.crossed(status("812.40", "1000", 80).build(), Instant.parse(at));
    }

    private static BudgetStatus.Builder status(String spent, String limit, Integer... crossed) {
        return BudgetStatus.newBuilder()
                .setBudgetId("b1")
                .setTenant("acme")
                .setName("Production")
                .setPeriodStart(Instant.parse("2026-11-01T00:00:00Z"))
                .setPeriodEnd(Instant.parse("2026-12-01T00:00:00Z"))
                .setSpentUsd(usd(spent))
                .setLimitUsd(usd(limit))
                .setThresholdsPercent(List.of(80, 100))
                .setThresholdsCrossed(List.of(crossed))
                .setUpdatedAt(NOW);
    }

    private static Anomaly.Builder anomaly() {
        return Anomaly.newBuilder()
                .setAnomalyId("day_over_average|acme|2026-11-22")
                .setTenant("acme")
                .setRule("day_over_average")
                .setDimensions(Map.of("tenant", "acme"))
                .setWindowStart(Instant.parse("2026-11-22T00:00:00Z"))
                .setWindowEnd(Instant.parse("2026-11-23T00:00:00Z"))
                .setObservedUsd(usd("45.20"))
                .setExpectedUsd(usd("20"))
                .setFactor(usd("2"))
                .setDetectedAt(NOW);
    }

    private static UsageRollup day(String model, String key, long unpricedRequests, long unpricedTokens) {
        return UsageRollup.newBuilder()
                .setWindowStart(Instant.parse("2026-11-22T00:00:00Z"))
                .setWindowEnd(Instant.parse("2026-11-23T00:00:00Z"))
                .setGranularity(Granularity.day)
                .setDimensionGroup("detail")
                .setDimensions(Map.of("tenant", "acme", "provider", "openai", "model", model, "api_key_id", key))
                .setRevision(1)
                .setRequests(7)
                .setErrors(0)
                .setUnpricedRequests(unpricedRequests)
                .setUnpricedTokens(unpricedTokens)
                .setUncachedInputTokens(0)
                .setCacheReadInputTokens(0)
                .setCacheWrite5mInputTokens(0)
                .setCacheWrite1hInputTokens(0)
                .setAudioInputTokens(0)
                .setImageInputTokens(0)
                .setTextOutputTokens(0)
                .setReasoningOutputTokens(0)
                .setAudioOutputTokens(0)
                .setImageOutputTokens(0)
                .setCostUsd(Money.ZERO)
                .setLatencyMsSum(0)
                .setLastOccurredAt(NOW)
                .build();
    }

    private void send(String value, UsageRollup rollup) {
        String key = "[\"2026-11-22T00:00:00Z\",\"day\",\"detail\",\"" + value + "\"]";
        sendBytes(Topics.ROLLUPS, key, serdes.rollups().serializer().serialize("", rollup));
    }

    private static BigDecimal usd(String amount) {
        return Money.exact(new BigDecimal(amount));
    }

    private TestRecord<String, Alert> only() {
        List<TestRecord<String, Alert>> records = alerts.readRecordsToList();
        assertThat(records).hasSize(1);
        return records.get(0);
    }

    private void send(BudgetStatus status) {
        sendBytes(Topics.BUDGET_STATUS, KEY, serdes.statuses().serializer().serialize("", status));
    }

    private void send(Anomaly anomaly) {
        sendBytes(
                Topics.ANOMALIES,
                anomaly.getTenant(),
                serdes.anomalies().serializer().serialize("", anomaly));
    }

    private void sendBytes(Topics topic, String key, byte[] value) {
        driver.createInputTopic(topic.topicName(), new StringSerializer(), new ByteArraySerializer())
                .pipeInput(key, value);
    }
}
