package dev.tokenmeter.alerting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.alerting.rule.RuleBook;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Price;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules that are there without any setting, and others. */
class RuleAlertsTest {
    private static final Instant NOW = Instant.parse("2026-11-22T15:20:00Z");
    private static final Instant HOUR = Instant.parse("2026-11-22T15:00:00Z");

    @TempDir
    Path stateDir;

    private final AlertingSerdes serdes = AlertingDrivers.serdes();
    private final Map<String, Duration> lags = new HashMap<>();
    private final AlertingConfig config = AlertingConfig.from(Settings.of(Map.of()));
    private final RuleBook rules = new RuleBook(config.rules());
    private TopologyTestDriver driver;
    private TestOutputTopic<String, Alert> alerts;

    @BeforeEach
    void start() {
        rules.markCaughtUp();
        AlertingTopology topology = new AlertingTopology(
                config,
                serdes,
                alert -> {},
                new SimpleMeterRegistry(),
                new PageLinks(Optional.empty()),
                rules,
                () -> lags,
                (builder, stream) -> {});
        driver = AlertingDrivers.driver(topology, stateDir, NOW);
        alerts = AlertingDrivers.alerts(driver, serdes);
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void aProviderThatFailsIsToldOnceAndAgainWhenItsWindowIsCalm() {
        hour("gpt-4o", 100, Map.of(), Map.of());
        pass(Duration.ofMinutes(1));
        assertThat(alerts.isEmpty()).isTrue();
        hour("gpt-4o", 200, Map.of("upstream_error:5xx", 30L, "timeout", 15L, "upstream_error:4xx", 9L), Map.of());
        pass(Duration.ofMinutes(1));
        Alert alert = only();
        assertThat(alert.getKind()).isEqualTo("error_rate");
        assertThat(alert.getTenant()).isEqualTo("acme");
        assertThat(alert.getSummary())
                .isEqualTo(
                        "Calls of tenant acme to openai failed: 45 of 200 in the last 10 minutes (22.5 %; the limit is"
                                + " 20 %). Look at the provider's status page.");
        assertThat(alert.getLabels())
                .containsEntry("provider", "openai")
                .containsEntry("rule", "error-rate")
                .containsEntry("rule_version", "1");

        hour("gpt-4o", 300, Map.of("upstream_error:5xx", 40L, "timeout", 35L, "upstream_error:4xx", 9L), Map.of());
        pass(Duration.ofMinutes(1));
        assertThat(alerts.isEmpty()).isTrue();
        hour("gpt-4o", 1000, Map.of("upstream_error:5xx", 40L, "timeout", 35L, "upstream_error:4xx", 9L), Map.of());
        pass(Duration.ofMinutes(1));
        Alert resolved = only();
        assertThat(resolved.getState()).isEqualTo(AlertState.resolved);
        assertThat(resolved.getSummary())
                .isEqualTo("Back within the limit: calls of tenant acme to openai failed: 75 of 1,000 in the last"
                        + " 10 minutes.");
    }

    @Test
    void fewCallsAndImportsOfHoursLongOverSayNothing() {
        hour("gpt-4o", 49, Map.of("timeout", 49L), Map.of());
        send(rollup("gpt-4o", 5000, Map.of("timeout", 5000L), Map.of(), HOUR.minus(Duration.ofHours(3))));
        pass(Duration.ofMinutes(1));
        assertThat(alerts.isEmpty()).isTrue();
    }

    @Test
    void refusedCallsAreToldAndNoFaultOfTheProvider() {
        hour("gpt-4o", 100, Map.of("blocked:4xx", 60L), Map.of());
        pass(Duration.ofMinutes(1));
        Alert alert = only();
        assertThat(alert.getKind()).isEqualTo("cap_blocking");
        assertThat(alert.getSummary())
                .isEqualTo("60 calls of tenant acme were refused in the last 10 minutes by its budgets, the limits of"
                        + " its keys or for want of a connection (the limit is 10).");
        pass(Duration.ofMinutes(11));
        assertThat(only().getState()).isEqualTo(AlertState.resolved);
    }

    @Test
    void aRuleOfTheApiWatchesLatencyOfItsScopeUntilItIsRemoved() {
        rules.put("slow", latency("slow", "acme", Map.of("model", "gpt-4o")));
        hour("gpt-4o", 100, Map.of(), Map.of("500", 95L, "4096", 5L));
        hour("other", 100, Map.of(), Map.of("9000", 100L));
        pass(Duration.ofMinutes(1));
        Alert alert = only();
        assertThat(alert.getAlertId()).isEqualTo("latency|slow|acme|openai|gpt-4o");
        assertThat(alert.getSummary())
                .isEqualTo(
                        "Calls of tenant acme to the model gpt-4o at openai took long: 1 in a hundred of the 100 in the"
                                + " last 10 minutes took 4.1 s or more (the limit is 2.5 s).");
        rules.remove("slow");
        pass(Duration.ofMinutes(1));
        assertThat(only().getSummary()).isEqualTo("The rule 'Slow answers' was removed or switched off.");
    }

    @Test
    void aRuleOfTheApiTakesThePlaceOfOneOfTheSettingsOnlyIfItIsEverybodys() {
        rules.put(
                "error-rate",
                AlertRule.newBuilder(latency("error-rate", "acme", Map.of()))
                        .setKind("error_rate")
                        .setThreshold(99)
                        .build());
        hour("gpt-4o", 100, Map.of("timeout", 50L), Map.of());
        pass(Duration.ofMinutes(1));
        assertThat(only().getLabels()).containsEntry("rule", "error-rate");

        rules.put(
                "error-rate",
                AlertRule.newBuilder(latency("error-rate", "*", Map.of()))
                        .setKind("error_rate")
                        .setThreshold(99)
                        .setVersion(7)
                        .build());
        pass(Duration.ofMinutes(1));
        assertThat(only().getState()).isEqualTo(AlertState.resolved);
    }

    @Test
    void aForecastAboveTheLimitIsToldWithItsIntervalItsDateAndItsCause() {
        status("600", "1130");
        Alert alert = only();
        assertThat(alert.getKind()).isEqualTo("budget_forecast");
        assertThat(alert.getSummary())
                .isEqualTo(
                        "Tenant acme will have spent $1,130.00 (between $1,020.00 and $1,260.00, four times out of five)"
                                + " by the end of November, as it looks now: so far it has spent $600.00 of its $1,000.00 monthly"
                                + " budget 'Production' (60 %). It will be used up on 27 November."
                                + " Most of it: model gpt-5 (62 %), feature chat (40 %).");
        assertThat(alert.getObservedUsd()).isEqualByComparingTo("1130");
        status("610", "1100");
        status("620", "960");
        assertThat(alerts.isEmpty()).isTrue();
        status("620", "940");
        assertThat(only().getState()).isEqualTo(AlertState.resolved);

        status("990", "1200");
        only();
        status("1001", "1200");
        Alert cameTrue = only();
        assertThat(cameTrue.getState()).isEqualTo(AlertState.resolved);
        assertThat(cameTrue.getSummary()).startsWith("The forecast has come true: Tenant acme has spent $1,001.00");
    }

    @Test
    void aPipelineThatIsBehindIsToldWithHowLongCallsWait() {
        lags.put("stream-aggregator", Duration.ofSeconds(299));
        lags.put("storage", Duration.ofSeconds(420));
        pass(Duration.ofSeconds(20));
        Alert alert = only();
        assertThat(alert.getKind()).isEqualTo("pipeline_lag");
        assertThat(alert.getTenant()).isEqualTo("*");
        assertThat(alert.getSummary())
                .isEqualTo("Figures are late: calls wait 7 minutes until they are stored (the limit is 5 minutes)."
                        + " Budgets and alerts go by what is counted; look at the service and its log.");
        lags.put("storage", Duration.ofSeconds(1));
        pass(Duration.ofSeconds(20));
        assertThat(only().getSummary())
                .isEqualTo("Figures are up to date again: calls wait 1 second until they are stored.");
    }

    @Test
    void aPriceThatChangesIsToldOnceWithWhatItWasAndClosesByItself() {
        price("p1", "2.5", NOW.minus(Duration.ofDays(40)));
        assertThat(alerts.isEmpty()).isTrue();
        price("p2", "3", NOW);
        Alert alert = only();
        assertThat(alert.getKind()).isEqualTo("price_change");
        assertThat(alert.getSeverity()).isEqualTo("info");
        assertThat(alert.getSummary())
                .isEqualTo("The price of gpt-4o at openai is another from 22 November 2026 on, a million tokens:"
                        + " uncached input tokens from $2.50 to $3.00.");
        price("p2", "3", NOW);
        assertThat(alerts.isEmpty()).isTrue();
        pass(Duration.ofHours(25));
        assertThat(only().getState()).isEqualTo(AlertState.resolved);
    }

    @Test
    void rulesOfTheSettingsChangeThoseThatAreThereAndAddOthers() {
        Map<String, AlertRule> read = AlertingConfig.from(Settings.of(Map.of(
                        "alerting.rules.error-rate.enabled", "false",
                        "alerting.rules.pipeline-lag.threshold", "60",
                        "alerting.rules.slow.type", "latency",
                        "alerting.rules.slow.threshold", "2500",
                        "alerting.rules.slow.percentile", "90",
                        "alerting.rules.slow.window", "5m",
                        "alerting.rules.slow.dimensions.provider", "openai")))
                .rules();
        assertThat(read.get("error-rate").getEnabled()).isFalse();
        assertThat(read.get("pipeline-lag").getThreshold()).isEqualTo(60);
        assertThat(read.get("slow").getWindowSeconds()).isEqualTo(300);
        assertThat(read.get("slow").getDimensions()).containsEntry("provider", "openai");
        assertThat(read.get("cap-blocking").getThreshold()).isEqualTo(10);
        for (Map<String, String> wrong : List.of(
                Map.of("alerting.rules.slow.type", "speed"),
                Map.of("alerting.rules.slow.threshold", "1"),
                Map.of("alerting.rules.error-rate.threshold", "200"),
                Map.of("alerting.rules.error-rate.window", "2h"))) {
            assertThatThrownBy(() -> AlertingConfig.from(Settings.of(wrong)))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("alerting.rules.");
        }
    }

    private static AlertRule latency(String id, String tenant, Map<String, String> dimensions) {
        return AlertRule.newBuilder()
                .setRuleId(id)
                .setTenant(tenant)
                .setName("Slow answers")
                .setKind("latency")
                .setThreshold(2500)
                .setDimensions(dimensions)
                .setUpdatedAt(NOW)
                .build();
    }

    private void pass(Duration time) {
        for (Duration left = time; !left.isNegative() && !left.isZero(); left = left.minusSeconds(20)) {
            driver.advanceWallClockTime(Duration.ofSeconds(20));
        }
    }

    private void hour(String model, long requests, Map<String, Long> errors, Map<String, Long> latencies) {
        send(rollup(model, requests, errors, latencies, HOUR));
    }

    private void send(UsageRollup rollup) {
        String key = "[\"" + rollup.getWindowStart() + "\",\"hour\",\"detail\",\""
                + rollup.getDimensions().get("model") + "\"]";
        sendBytes(Topics.ROLLUPS, key, serdes.rollups().serializer().serialize("", rollup));
    }

    private static UsageRollup rollup(
            String model, long requests, Map<String, Long> errors, Map<String, Long> latencies, Instant hour) {
        return UsageRollup.newBuilder()
                .setWindowStart(hour)
                .setWindowEnd(hour.plus(Duration.ofHours(1)))
                .setGranularity(Granularity.hour)
                .setDimensionGroup("detail")
                .setDimensions(Map.of("tenant", "acme", "provider", "openai", "model", model))
                .setRequests(requests)
                .setErrors(0)
                .setUnpricedRequests(0)
                .setUnpricedTokens(0)
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
                .setErrorsByClass(errors)
                .setLatencyMsHistogram(latencies)
                .build();
    }

    private void status(String spent, String forecast) {
        BudgetStatus status = BudgetStatus.newBuilder()
                .setBudgetId("b1")
                .setTenant("acme")
                .setName("Production")
                .setPeriodStart(Instant.parse("2026-11-01T00:00:00Z"))
                .setPeriodEnd(Instant.parse("2026-12-01T00:00:00Z"))
                .setSpentUsd(usd(spent))
                .setLimitUsd(usd("1000"))
                .setForecastUsd(usd(forecast))
                .setForecastLowUsd(usd("1020"))
                .setForecastHighUsd(usd("1260"))
                .setExhaustedAt(Instant.parse("2026-11-27T09:00:00Z"))
                .setTopContributors(
                        Map.of("model=gpt-5", usd("372"), "model=x", usd("1"), "tag.feature=chat", usd("240")))
                .setUpdatedAt(NOW)
                .build();
        sendBytes(
                Topics.BUDGET_STATUS,
                "b1|2026-11-01T00:00:00Z",
                serdes.statuses().serializer().serialize("", status));
    }

    private void price(String id, String input, Instant recorded) {
        Price price = Price.newBuilder()
                .setPriceId(id)
                .setProvider("openai")
                .setModels(List.of("gpt-4o"))
                .setPerMillionTokens(Map.of("uncached_input_tokens", usd(input)))
                .setEffectiveFrom(recorded)
                .setSource("api")
                .setRecordedAt(recorded)
                .build();
        sendBytes(Topics.PRICES, id, serdes.prices().serializer().serialize("", price));
    }

    private static BigDecimal usd(String amount) {
        return Money.exact(new BigDecimal(amount));
    }

    private Alert only() {
        List<Alert> told = alerts.readValuesToList();
        assertThat(told).hasSize(1);
        return told.get(0);
    }

    private void sendBytes(Topics topic, String key, byte[] value) {
        driver.createInputTopic(topic.topicName(), new StringSerializer(), new ByteArraySerializer())
                .pipeInput(key, value);
    }
}
