package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

class RollupStateTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:34:56Z");

    @Test
    void theKeyIsAJsonArrayThatBeginsWithTheWindow() {
        try (AggregatorDriver aggregator = new AggregatorDriver(NOW)) {
            aggregator.send(Events.event("acme", NOW, "1")
                    .setTags(Map.of("team", "a\"b"))
                    .build());

            assertThat(aggregator.lastRollups().keySet())
                    .containsExactlyInAnyOrder(
                            "[\"2026-11-23T12:00:00Z\",\"hour\",\"tenant\",\"acme\"]",
                            "[\"2026-11-23T00:00:00Z\",\"day\",\"tenant\",\"acme\"]",
                            "[\"2026-11-23T12:00:00Z\",\"hour\",\"detail\","
                                    + "\"acme\",\"openai\",\"gpt-5\",\"key_acme\",\"a\\\"b\",\"\",\"\",\";;0;\"]",
                            "[\"2026-11-23T00:00:00Z\",\"day\",\"detail\","
                                    + "\"acme\",\"openai\",\"gpt-5\",\"key_acme\",\"a\\\"b\",\"\",\"\",\";;0;\"]");
        }
    }

    @Test
    void absentTagsAreEmptyAndWindowsHaveTheirEdges() {
        try (AggregatorDriver aggregator = new AggregatorDriver(NOW)) {
            aggregator.send(Events.event("acme", NOW, "1").build());

            UsageRollup rollup = aggregator.last(aggregator.lastRollups(), "detail", Granularity.hour);
            assertThat(rollup.getDimensions()).containsEntry("tag.team", "").containsEntry("tenant", "acme");
            assertThat(rollup.getWindowStart()).isEqualTo("2026-11-23T12:00:00Z");
            assertThat(rollup.getWindowEnd()).isEqualTo("2026-11-23T13:00:00Z");
            assertThat(rollup.getLastOccurredAt()).isEqualTo(NOW);
        }
    }

    @Test
    void revisionsOfAKeyGrow() {
        try (AggregatorDriver aggregator = new AggregatorDriver(NOW)) {
            for (int i = 0; i < 50; i++) {
                aggregator.send(Events.event("acme", NOW, "1").build());
            }
            Map<String, Long> last = new java.util.HashMap<>();
            for (TestRecord<String, UsageRollup> record : aggregator.newRollups()) {
                Long before = last.put(record.key(), record.value().getRevision());
                assertThat(record.value().getRevision()).isGreaterThan(before == null ? 0 : before);
            }
            assertThat(last).hasSize(4);
        }
    }

    @Test
    void monthAndMinuteWindowsFollowTheCalendar() {
        Map<String, String> settings = Map.of("stream-aggregator.granularities", "minute,month");
        try (AggregatorDriver aggregator = new AggregatorDriver(NOW, settings)) {
            aggregator.send(Events.event("acme", NOW, "1").build());

            Map<String, UsageRollup> rollups = aggregator.lastRollups();
            assertThat(aggregator.last(rollups, "tenant", Granularity.month).getWindowEnd())
                    .isEqualTo("2026-12-01T00:00:00Z");
            assertThat(aggregator.last(rollups, "tenant", Granularity.minute).getWindowStart())
                    .isEqualTo("2026-11-23T12:34:00Z");
        }
    }

    @Test
    void stateOfWindowsThatNoEventCanReachAnyMoreGoesWithoutATraceInTheTopic() {
        Map<String, String> settings = Map.of("stream-aggregator.correctable-for", "35d");
        try (AggregatorDriver aggregator = new AggregatorDriver(NOW, settings)) {
            UsageEvent old = Events.event("acme", NOW, "1").build();
            aggregator.send(old);
            aggregator.advance(Duration.ofDays(66).minusHours(2));
            aggregator.send(Events.event("acme", aggregator.now(), "1").build());
            aggregator.advance(Duration.ofHours(2));
            assertThat(rollupsKept(aggregator)).as("within the retention").isEqualTo(8);

            aggregator.advance(Duration.ofDays(2));
            aggregator.send(Events.event("acme", aggregator.now(), "1").build());
            aggregator.newRollups();
            aggregator.advance(Duration.ofHours(2));
            aggregator.advance(Duration.ofHours(2));
            aggregator.advance(Duration.ofHours(2));

            assertThat(rollupsKept(aggregator)).as("after it").isEqualTo(8);
            assertThat(entries(aggregator.driver.getKeyValueStore(Deduplicator.STORE)))
                    .isEqualTo(2);
            assertThat(entries(aggregator.driver.getKeyValueStore("anomaly-details")))
                    .as("two days and their hours")
                    .isEqualTo(4);
            assertThat(entries(aggregator.driver.getKeyValueStore("anomaly-cells")))
                    .as("days and hours of tenant, key and model, the key's peaks and its last slot")
                    .isEqualTo(15);
            assertThat(entries(aggregator.driver.getKeyValueStore(AnomalyStores.PENDING)))
                    .isZero();
            assertThat(aggregator.newRollups()).isEmpty();
        }
    }

    private static long rollupsKept(AggregatorDriver aggregator) {
        return entries(aggregator.driver.getKeyValueStore(RollupBook.SUMS));
    }

    private static long entries(KeyValueStore<?, ?> store) {
        long count = 0;
        try (KeyValueIterator<?, ?> entries = store.all()) {
            for (; entries.hasNext(); entries.next()) {
                count++;
            }
        }
        return count;
    }
}
