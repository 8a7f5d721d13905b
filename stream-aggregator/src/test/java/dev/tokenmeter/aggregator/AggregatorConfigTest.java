package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

        assertThat(config.streams().applicationId()).isEqualTo("tokenmeter-stream-aggregator-2");
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
        assertThat(config.anomalyRule()).isEqualTo(new DayOverAverage(BigDecimal.valueOf(2), 7, 3, BigDecimal.ONE));
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
        assertThat(config.anomalyRule())
                .isEqualTo(new DayOverAverage(BigDecimal.valueOf(3), 14, 5, new BigDecimal("0.5")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            dedupe-horizon           | 1d                | late-after
            correctable-for          | 34d               | late-after
            granularities            | year              | minute, hour, day, month
            dimension-groups.x       | tenant,colour     | tag.<name>
            dimension-groups.x       | model             | tenant among them
            dimension-groups.tenant  | tenant,model      | the anomaly rule goes by it
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
