package dev.tokenmeter.storage.query;

import static dev.tokenmeter.storage.sink.TestRecords.event;
import static dev.tokenmeter.storage.sink.TestRecords.rollups;
import static dev.tokenmeter.storage.sink.TestRecords.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.schemas.UsageSource;
import dev.tokenmeter.storage.clickhouse.ClickHouseForTests;
import dev.tokenmeter.storage.query.UsageAnswer.Row;
import dev.tokenmeter.storage.query.UsageAnswer.Source;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Percentiles of sums of histograms, against the durations themselves. */
class PercentilesTest {
    private static final Instant FROM = Instant.parse("2026-11-18T00:00:00Z");
    private static final Instant UNTIL = Instant.parse("2026-11-20T00:00:00Z");
    private static final List<Metric> METRICS = List.of(
            metric("latency_ms_p50"),
            metric("latency_ms_p90"),
            metric("latency_ms_p99"),
            metric("time_to_first_token_ms_p50"),
            metric("time_to_first_token_ms_p99"),
            Metric.ESTIMATED_REQUESTS,
            Metric.ESTIMATED_TOKENS);
    private ClickHouseForTests db;

    @BeforeEach
    void start() throws Exception {
        db = ClickHouseForTests.migrated();
    }

    @AfterEach
    void stop() throws Exception {
        db.close();
    }

    private static Metric metric(String name) {
        return Metric.named(name).orElseThrow();
    }

    private UsageAnswer ask(boolean fromRollups, String... by) {
        RollupCatalogue rollups = fromRollups ? RollupCatalogue.byDefault() : RollupCatalogue.none();
        UsageAnswer answer = new UsageQueries(db.clickHouse(), rollups, Clock.fixed(UNTIL, ZoneOffset.UTC))
                .run(UsageQuery.of(
                        new TimeRange(FROM, UNTIL),
                        METRICS,
                        List.of(by).stream()
                                .map(name -> Dimension.named(name).orElseThrow())
                                .toList(),
                        Map.of()));
        assertThat(answer.source()).isEqualTo(fromRollups ? Source.ROLLUPS : Source.EVENTS);
        return answer;
    }

    @Test
    void rollupsOfAnyWindowsAndGroupsTellThePercentilesOfAllTheirEvents() throws Exception {
        Random random = new Random(11);
        List<UsageEvent> events = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            events.add(event("acme", FROM.plusSeconds(random.nextInt(172_800)), "model-" + random.nextInt(3), "1")
                    .setLatencyMs((long) Math.exp(random.nextDouble() * 11))
                    .setTimeToFirstTokenMs(random.nextBoolean() ? null : (long) random.nextInt(3_000))
                    .setUsageSource(i % 10 == 0 ? UsageSource.estimated : UsageSource.provider)
                    .build());
        }
        store(db.clickHouse(), events.toArray(UsageEvent[]::new));
        for (Granularity granularity : List.of(Granularity.hour, Granularity.day)) {
            store(db.clickHouse(), rollups(events, granularity).toArray(UsageRollup[]::new));
        }

        for (String[] by : new String[][] {{}, {"model"}}) {
            List<Row> rows = ask(true, by).rows();
            assertThat(rows).usingRecursiveComparison().isEqualTo(ask(false, by).rows());
            assertThat(rows).hasSize(by.length == 0 ? 1 : 3);
        }
        List<BigDecimal> figures = ask(true).rows().get(0).figures();
        long[] latencies =
                events.stream().mapToLong(UsageEvent::getLatencyMs).sorted().toArray();
        long[] first = events.stream()
                .filter(one -> one.getTimeToFirstTokenMs() != null)
                .mapToLong(UsageEvent::getTimeToFirstTokenMs)
                .sorted()
                .toArray();
        assertIsPercentile(figures.get(0), latencies, 50);
        assertIsPercentile(figures.get(1), latencies, 90);
        assertIsPercentile(figures.get(2), latencies, 99);
        assertIsPercentile(figures.get(3), first, 50);
        assertIsPercentile(figures.get(4), first, 99);
        assertThat(figures.get(5)).isEqualByComparingTo("60");
        assertThat(figures.get(6)).isEqualByComparingTo("6600");
    }

    private static void assertIsPercentile(BigDecimal figure, long[] sorted, int percent) {
        long exact = sorted[(sorted.length * percent + 99) / 100 - 1];
        assertThat(figure.doubleValue()).isCloseTo(exact, within(Math.max(1, exact / 30.0)));
    }

    @Test
    void nothingHasNoPercentileAndOlderRollupsTellNone() throws Exception {
        assertThat(ask(false).rows().get(0).figures().subList(0, 5)).containsOnlyNulls();
        UsageEvent event =
                event("acme", FROM, "m", "1").setOutcome(Outcome.completed).build();
        store(
                db.clickHouse(),
                UsageRollup.newBuilder(rollups(List.of(event), Granularity.day).get(0))
                        .setLatencyMsHistogram(Map.of())
                        .build());
        assertThat(ask(true).rows().get(0).figures().subList(0, 5)).containsOnlyNulls();
    }
}
