package dev.tokenmeter.storage.sink;

import static dev.tokenmeter.storage.sink.TestRecords.money;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.storage.clickhouse.ClickHouseForTests;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A corrected event is one row, with the cost that the aggregator counts too; its history is kept. */
class CorrectionsTest {
    private static final Instant AT = Instant.parse("2026-11-03T10:00:00Z");
    private static ClickHouseForTests db;

    @BeforeAll
    static void start() throws Exception {
        db = ClickHouseForTests.migrated();
    }

    @AfterAll
    static void stop() throws Exception {
        db.close();
    }

    @Test
    void aCorrectionReplacesItsEventAndIsKeptAsHistory() throws Exception {
        UsageEvent event = TestRecords.event("replaced", AT, "m", null).build();
        UsageEvent first = correction(event, "0.5");
        UsageEvent second = correction(first, "0.25");
        TestRecords.store(db.clickHouse(), event, first, second);

        assertThat(
                        db.ask(
                                "SELECT toString(groupArray((cost_usd, revision))) FROM usage_events FINAL WHERE tenant = 'replaced'"))
                .isEqualTo("[(0.25,2)]");
        assertThat(db.ask("SELECT toString(groupArray((revision, cost_usd_before, cost_usd, corrected_by)))"
                        + " FROM (SELECT * FROM usage_corrections FINAL WHERE tenant = 'replaced' ORDER BY revision)"))
                .isEqualTo("[(1,NULL,0.5,'finance'),(2,0.5,0.25,'finance')]");
    }

    @Test
    void ofTwoCorrectionsOfOneRevisionTheFirstInTheLogStandsWhateverTheOrderOfInserts() throws Exception {
        UsageEvent event = TestRecords.event("twice", AT, "m", "1").build();
        SinkRow original = row(event);
        SinkRow first = row(correction(event, "2"));
        SinkRow late = row(correction(event, "3"));
        List<SinkRow> replay = new ArrayList<>(List.of(late, first, original));
        for (SinkRow one : replay) {
            new RowInserter(db.clickHouse()).insert(List.of(one));
        }

        assertThat(db.ask("SELECT toString(groupArray(cost_usd)) FROM usage_events FINAL WHERE tenant = 'twice'"))
                .isEqualTo("[2]");
        assertThat(db.ask("SELECT toString(groupArray(cost_usd)) FROM usage_corrections FINAL WHERE tenant = 'twice'"))
                .isEqualTo("[2]");
    }

    private static SinkRow row(UsageEvent event) throws Exception {
        return TestRecords.row(db.clickHouse(), new UsageEventMapping(), event);
    }

    private static UsageEvent correction(UsageEvent current, String usd) {
        UsageEvent priced = UsageEvent.newBuilder(current)
                .setCostUsd(money(usd))
                .setCostParts(Map.of("uncached_input_tokens", money(usd)))
                .setPriceId("file:" + usd)
                .build();
        return UsageCorrections.correct(current, priced, AT, "finance", "new contract");
    }
}
