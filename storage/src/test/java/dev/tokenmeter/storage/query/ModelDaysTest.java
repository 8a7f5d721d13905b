package dev.tokenmeter.storage.query;

import static dev.tokenmeter.storage.sink.TestRecords.event;
import static dev.tokenmeter.storage.sink.TestRecords.money;
import static dev.tokenmeter.storage.sink.TestRecords.rollup;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import dev.tokenmeter.storage.clickhouse.ClickHouseForTests;
import dev.tokenmeter.storage.query.ModelDays.ModelDay;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ModelDaysTest {
    private static final Instant DAY = Instant.parse("2026-11-20T00:00:00Z");
    private static final TimeRange RANGE = new TimeRange(DAY, DAY.plus(Duration.ofDays(2)));
    private static ClickHouseForTests db;

    @BeforeAll
    static void start() throws Exception {
        db = ClickHouseForTests.migrated();
        Instant late = DAY.plus(Duration.ofDays(1)).minusNanos(1_000);
        UsageEvent estimated = event("acme", late, "m", "0.2")
                .setUsageSource(UsageSource.estimated)
                .build();
        store(estimated); // and once more below, as a correction would be
        store(
                event("acme", DAY, "m", "0.1")
                        .setCostParts(
                                Map.of("uncached_input_tokens", money("0.06"), "web_search_requests", money("0.04")))
                        .build(),
                estimated,
                event("acme", late, "n", null).build(),
                event("other", DAY, "m", "7").setProvider("anthropic").build());
    }

    @AfterAll
    static void stop() throws Exception {
        db.close();
    }

    private static void store(UsageEvent... events) throws Exception {
        dev.tokenmeter.storage.sink.TestRecords.store(db.clickHouse(), events);
        for (UsageEvent event : events) {
            // Of one tenant and model there is one row a test asks for by rollups.
            if (event.getTenant().equals("other")) {
                dev.tokenmeter.storage.sink.TestRecords.store(
                        db.clickHouse(),
                        rollup(event, Granularity.day, DAY, DAY.plus(Duration.ofDays(1)))
                                .build());
            }
        }
    }

    @Test
    void aModelsDayIsSummedWithItsPartsAndWhatIsNotFinal() {
        List<ModelDay> days = days(false, Optional.of("acme"), Optional.of("openai"));
        assertThat(days).extracting(ModelDay::model).containsExactly("m", "n");
        ModelDay m = days.get(0);
        assertThat(m.day()).isEqualTo(DAY);
        assertThat(m.costUsd()).isEqualByComparingTo("0.3");
        assertThat(m.costParts().get("web_search_requests")).isEqualByComparingTo("0.04");
        assertThat(m.costParts().get("uncached_input_tokens")).isEqualByComparingTo("0.26");
        assertThat(m.requests()).isEqualTo(2);
        assertThat(m.unpricedRequests()).isZero();
        assertThat(m.tokens()).containsEntry(TokenKind.UNCACHED_INPUT, 200L).containsEntry(TokenKind.TEXT_OUTPUT, 20L);
        assertThat(m.inputTokens()).isEqualTo(200);
        assertThat(m.outputTokens()).isEqualTo(20);
        assertThat(m.notFinalTokens()).isEqualTo(110);
        assertThat(days.get(1).unpricedRequests()).isEqualTo(1);
    }

    @Test
    void rollupsAndEventsSayTheSame() {
        assertThat(days(true, Optional.of("other"), Optional.empty()))
                .usingRecursiveComparison()
                .withComparatorForType(java.math.BigDecimal::compareTo, java.math.BigDecimal.class)
                .isEqualTo(days(false, Optional.of("other"), Optional.empty()));
        assertThat(days(true, Optional.empty(), Optional.of("openai"))).isEmpty();
    }

    @Test
    void onlyWholeDaysAreAnswered() {
        TimeRange odd = new TimeRange(DAY.plusSeconds(1), RANGE.until());
        assertThatThrownBy(() -> new ModelDays(db.clickHouse(), RollupCatalogue.none())
                        .of(odd, Optional.empty(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static List<ModelDay> days(boolean rollups, Optional<String> tenant, Optional<String> provider) {
        List<String> dimensions = rollups ? RollupCatalogue.DEFAULT_DIMENSIONS : List.of();
        return new ModelDays(
                        db.clickHouse(),
                        new RollupCatalogue(dimensions.isEmpty() ? Map.of() : Map.of("detail", dimensions)))
                .of(RANGE, tenant, provider);
    }
}
