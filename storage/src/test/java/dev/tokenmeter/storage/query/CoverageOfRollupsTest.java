package dev.tokenmeter.storage.query;

import static dev.tokenmeter.storage.sink.TestRecords.event;
import static dev.tokenmeter.storage.sink.TestRecords.rollup;
import static dev.tokenmeter.storage.sink.TestRecords.store;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.storage.clickhouse.ClickHouseForTests;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Groups that changed, or came later, are asked only about what they hold. */
class CoverageOfRollupsTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Instant OCTOBER = Instant.parse("2026-10-01T00:00:00Z");
    private static final Instant CHANGED = Instant.parse("2026-11-01T00:00:00Z");
    private static final Map<String, Set<String>> GROUPS = Map.of(
            "tenant", Set.of("tenant"),
            "detail", Set.of("tenant", "model", "tag.customer"),
            "customer", Set.of("tenant", "tag.customer"));

    @Test
    void aGroupWhoseDimensionsChangedIsReadFromThenOnAndOneThatCameLaterToo() throws Exception {
        try (ClickHouseForTests db = ClickHouseForTests.migrated()) {
            for (Instant day = OCTOBER; !day.isAfter(CHANGED); day = day.plus(DAY.multipliedBy(31))) {
                day(db, day, "tenant", Map.of("tenant", "acme"));
                day(db, day, "detail", Map.of("tenant", "acme", "model", "m"));
            }
            // Counted anew from 20 October on, with another dimension, and a group that is new.
            Instant recounted = Instant.parse("2026-10-20T00:00:00Z");
            for (Instant day : Set.of(recounted, CHANGED, CHANGED.plus(DAY))) {
                day(db, day, "tenant", Map.of("tenant", "acme"));
                day(db, day, "detail", Map.of("tenant", "acme", "model", "m", "tag.customer", "c"));
                day(db, day, "customer", Map.of("tenant", "acme", "tag.customer", "c"));
            }
            hours(db, Map.of("tenant", "acme"), Map.of("tenant", "acme", "tag.customer", "c"));
            RollupCatalogue catalogue = RollupCatalogue.checked(
                    Map.of("tenant", List.of("tenant"), "customer", List.of("tenant", "tag.customer")),
                    db.clickHouse());
            assertThat(catalogue.groupWith(List.of("tag.customer"), new TimeRange(OCTOBER, CHANGED)))
                    .isEmpty();
            assertThat(catalogue.groupWith(
                            List.of("tag.customer"),
                            new TimeRange(CHANGED.plus(DAY), CHANGED.plus(DAY.multipliedBy(2)))))
                    .contains("customer");
            RollupCoverage coverage = new RollupCoverage(db.clickHouse(), GROUPS, () -> 0);
            assertThat(coverage.holds("tenant", "day", OCTOBER.minus(DAY))).isTrue();
            assertThat(coverage.holds("detail", "day", recounted)).isFalse();
            assertThat(coverage.holds("detail", "day", CHANGED)).isFalse();
            assertThat(coverage.holds("detail", "day", CHANGED.plus(DAY))).isTrue();
            assertThat(coverage.holds("customer", "day", recounted)).isFalse();
            assertThat(coverage.holds("customer", "day", recounted.plus(DAY))).isTrue();
            assertThat(coverage.holds("customer", "minute", CHANGED.plus(DAY))).isFalse();
        }
    }

    @Test
    void whatAllHoldFromTheFirstCallOnIsHeldAlways() throws Exception {
        try (ClickHouseForTests db = ClickHouseForTests.migrated()) {
            day(db, OCTOBER, "tenant", Map.of("tenant", "acme"));
            day(db, OCTOBER, "customer", Map.of("tenant", "acme", "tag.customer", ""));
            RollupCoverage coverage = new RollupCoverage(db.clickHouse(), GROUPS, () -> 0);
            assertThat(coverage.holds("customer", "day", Instant.EPOCH)).isTrue();
        }
    }

    /** Hours, which begin at another time. */
    private static void hours(ClickHouseForTests db, Map<String, String> tenant, Map<String, String> customer)
            throws Exception {
        Instant hour = CHANGED.minus(DAY);
        UsageEvent event = event("acme", hour, "m", "1").build();
        for (Map<String, String> dimensions : List.of(tenant, customer)) {
            UsageRollup rollup = rollup(event, Granularity.hour, hour, hour.plus(Duration.ofHours(1)))
                    .setDimensionGroup(dimensions.size() == 1 ? "tenant" : "customer")
                    .setDimensions(dimensions)
                    .build();
            store(db.clickHouse(), rollup);
        }
    }

    private static void day(ClickHouseForTests db, Instant day, String group, Map<String, String> dimensions)
            throws Exception {
        UsageEvent event = event("acme", day, "m", "1").build();
        UsageRollup rollup = rollup(event, Granularity.day, day, day.plus(DAY))
                .setDimensionGroup(group)
                .setDimensions(dimensions)
                .build();
        store(db.clickHouse(), rollup);
    }
}
