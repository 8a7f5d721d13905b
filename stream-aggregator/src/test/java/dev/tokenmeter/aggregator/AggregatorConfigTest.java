package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.aggregator.anomaly.DayOverAverage;
import dev.tokenmeter.aggregator.anomaly.DetectorConfig;
import dev.tokenmeter.aggregator.anomaly.HourOfWeek;
import dev.tokenmeter.aggregator.anomaly.SilentSource;
import dev.tokenmeter.aggregator.anomaly.TokenRate;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AggregatorConfigTest {
    @Test
    void defaults() {
        AggregatorConfig config = AggregatorConfig.from(Settings.of(Map.of()));

        assertThat(config.streams().applicationId()).isEqualTo("tokenmeter-stream-aggregator-3");
        assertThat(config.streams().stateDir()).isEqualTo(Path.of("./data/streams"));
        assertThat(config.streams().commitInterval()).isEqualTo(Duration.ofMillis(200));
        assertThat(config.streams().threads()).isEqualTo(1);
        assertThat(config.streams().standbyReplicas()).isZero();
        assertThat(config.lateAfter()).isEqualTo(Duration.ofDays(35));
        assertThat(config.dedupeHorizon()).isEqualTo(Duration.ofDays(36));
        assertThat(config.correctableFor()).isEqualTo(Duration.ofDays(100));
        assertThat(config.untoldRollups()).isEqualTo(new UntoldRollups(Duration.ofSeconds(1), 20_000));
        assertThat(config.granularities()).containsExactly(Granularity.hour, Granularity.day);
        assertThat(config.groups()).extracting(DimensionGroup::name).containsExactly("detail", "tenant");
        assertThat(config.anomalies().days())
                .isEqualTo(new DayOverAverage(BigDecimal.valueOf(2), 7, 3, BigDecimal.ONE));
        assertThat(config.anomalies().rules()).containsExactlyInAnyOrderElementsOf(DetectorConfig.RULES);
        assertThat(config.anomalies().dimensions()).containsExactly("model", "api_key_id", "tag.feature", "tag.team");
        assertThat(config.anomalies().sources()).containsExactlyInAnyOrder("tenant", "tag.feature");
    }

    @Test
    void aYamlFileSetsAll(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("tokenmeter.yaml");
        Files.writeString(file, """
                stream-aggregator:
                  application:
                    id: mine
                  state:
                    dir: /tmp/state
                  commit:
                    interval:
                      ms: 50
                  num:
                    stream:
                      threads: 2
                    standby:
                      replicas: 1
                  statestore:
                    cache:
                      max:
                        bytes: 1000
                  late-after: 7d
                  dedupe-horizon: 8d
                  correctable-for: 40d
                  granularities: [minute, day]
                  dimension-groups:
                    team: [tenant, tag.team]
                  anomaly:
                    factor: 3
                    window-days: 14
                    min-history-days: 5
                    min-spend-usd: 0.5
                    group-min-spend-usd: 7
                    rules: [day_over_average, silent_source]
                    groups: [tag.squad, api_key_id]
                    max-subjects: 20
                    hour-of-week: {factor: 5, deviations: 9, weeks: 3, min-weeks: 1, min-spend-usd: 2, group-min-spend-usd: 4}
                    token-rate: {factor: 10, window-days: 5, min-history-days: 2, min-tokens: 1000}
                    silent-source: {of: [tag.squad], hours: 6, weeks: 2, min-weeks: 1, min-requests: 100}
                """);
        Settings settings = Settings.load(file, Map.of(), Map.of());
        AggregatorConfig config = AggregatorConfig.from(settings);
        settings.rejectUnknown(Set.of("stream-aggregator"));

        assertThat(config.streams().applicationId()).isEqualTo("mine");
        assertThat(config.streams().cacheBytes()).isEqualTo(1000);
        assertThat(config.streams().threads()).isEqualTo(2);
        assertThat(config.lateAfter()).isEqualTo(Duration.ofDays(7));
        assertThat(config.dedupeHorizon()).isEqualTo(Duration.ofDays(8));
        assertThat(config.correctableFor()).isEqualTo(Duration.ofDays(40));
        assertThat(config.granularities()).containsExactly(Granularity.minute, Granularity.day);
        assertThat(config.groups()).extracting(DimensionGroup::name).containsExactly("team", "tenant");
        assertThat(config.groups().get(0).dimensions())
                .extracting(Dimension::name)
                .isEqualTo(List.of("tenant", "tag.team"));
        assertThat(config.anomalies().days())
                .isEqualTo(new DayOverAverage(BigDecimal.valueOf(3), 14, 5, new BigDecimal("0.5")));
        assertThat(config.anomalies())
                .isEqualTo(new DetectorConfig(
                        Set.of("day_over_average", "silent_source"),
                        List.of("tag.squad", "api_key_id"),
                        20,
                        BigDecimal.valueOf(7),
                        BigDecimal.valueOf(4),
                        config.anomalies().days(),
                        new HourOfWeek(BigDecimal.valueOf(5), BigDecimal.valueOf(9), 3, 1, BigDecimal.valueOf(2)),
                        new TokenRate(BigDecimal.TEN, 5, 2, 1000),
                        new SilentSource(6, 2, 1, 100),
                        Set.of("tag.squad")));
        assertThat(config.dimensions()).extracting(Dimension::name).contains("tag.squad", "api_key_id");
    }

    @Test
    void rulesAndGroupsOfAnomaliesCanBeNone() {
        DetectorConfig none = AggregatorConfig.from(Settings.of(
                        Map.of("stream-aggregator.anomaly.rules", "none", "stream-aggregator.anomaly.groups", "none")))
                .anomalies();
        assertThat(none.rules()).isEmpty();
        assertThat(none.dimensions()).isEmpty();
        assertThat(none.sources()).containsExactly("tenant");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            dedupe-horizon           | 1d                | late-after
            correctable-for          | 34d               | late-after
            granularities            | year              | minute, hour, day, month
            dimension-groups.x       | tenant,colour     | tag.<name>
            dimension-groups.x       | model             | tenant among them
            dimension-groups.tenant  | tenant,model      | sums of tenants are read from it
            anomaly.rules            | day_over_avg      | hour_of_week
            anomaly.groups           | tenant            | but not tenant
            anomaly.groups           | colour            | tag.<name>
            anomaly.groups           | model,model       | different dimensions
            anomaly.silent-source.of | tag.customer      | tenant, and what stands in
            anomaly.token-rate.min-tokens | 0            | from 1 to
            anomaly.factor           | two               | a number
            anomaly.min-history-days | 8                 | from 1 to 7
            """)
    void aWrongSettingIsNamed(String key, String value, String allowed) {
        String setting = "stream-aggregator." + key;
        assertThatThrownBy(() -> AggregatorConfig.from(Settings.of(Map.of(setting, value))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(setting)
                .hasMessageContaining(allowed);
    }

    @Test
    void theDimensionsOfBudgetsAreASettingThatServicesShare() {
        assertThat(AggregatorConfig.from(Settings.of(Map.of("budgets.dimensions", "end_user,tag.squad")))
                        .budgetDimensions()
                        .names())
                .containsExactly("end_user", "tag.squad");
        assertThatThrownBy(() -> AggregatorConfig.from(Settings.of(Map.of("budgets.dimensions", "colour"))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("budgets.dimensions")
                .hasMessageContaining("found 'colour'")
                .hasMessageContaining("tag.<name>");
    }
}
