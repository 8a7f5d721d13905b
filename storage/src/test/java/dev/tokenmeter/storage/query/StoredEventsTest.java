package dev.tokenmeter.storage.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.storage.clickhouse.ClickHouseForTests;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StoredEventsTest {
    private static final Instant FROM = Instant.parse("2026-11-01T00:30:00Z");
    private static final Instant UNTIL = Instant.parse("2026-11-03T12:34:56Z");
    private static ClickHouseForTests db;

    @BeforeAll
    static void start() throws Exception {
        db = ClickHouseForTests.migrated();
        // One a second from midnight on, every third without a cost, one of ten another model's.
        db.execute("INSERT INTO usage_events (event_id, occurred_at, tenant, provider, model, cost_usd, outcome,"
                + " usage_source) SELECT generateUUIDv4(), toDateTime64('2026-11-01', 6, 'UTC') + number, 'acme', 'openai',"
                + " if(number % 10 = 0, 'b', 'a'), if(number % 3 = 0, NULL, 1), 'completed', 'provider'"
                + " FROM numbers(259200)");
    }

    @AfterAll
    static void stop() throws Exception {
        db.close();
    }

    @Test
    void everyEventOfTheRangeIsShownOnceHoweverManyPagesItTakes() {
        EventFilter filter = new EventFilter(new TimeRange(FROM, UNTIL), Map.of(), false);
        long seconds = UNTIL.getEpochSecond() - FROM.getEpochSecond();
        StoredEvents events = new StoredEvents(db.clickHouse());
        Set<UUID> seen = new HashSet<>();
        long[] shown = {0};
        events.forEach(filter, event -> {
            shown[0]++;
            seen.add(event.getEventId());
            assertThat(event.getOccurredAt()).isBetween(FROM, UNTIL);
        });

        assertThat(shown[0]).isEqualTo(seconds).isEqualTo(seen.size()).isEqualTo(events.count(filter));
    }

    @Test
    void onlyWhatTheFilterWantsIsShown() {
        EventFilter filter =
                new EventFilter(new TimeRange(FROM, FROM.plusSeconds(3600)), Map.of(Dimension.Field.MODEL, "b"), true);
        long[] shown = {0};
        new StoredEvents(db.clickHouse()).forEach(filter, event -> {
            shown[0]++;
            assertThat(event.getModel()).isEqualTo("b");
            assertThat(event.getCostUsd()).isNull();
        });
        assertThat(shown[0]).isEqualTo(120);
    }
}
