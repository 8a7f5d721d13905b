package dev.tokenmeter.storage.query;

import static dev.tokenmeter.storage.sink.TestRecords.event;
import static dev.tokenmeter.storage.sink.TestRecords.rollup;
import static dev.tokenmeter.storage.sink.TestRecords.rollups;
import static dev.tokenmeter.storage.sink.TestRecords.store;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageQueriesTest {
    private static final Instant NOW = Instant.parse("2026-11-23T10:30:00Z");
    private static final Instant HOUR = Instant.parse("2026-11-23T09:00:00Z");
    private static final TimeRange TODAY = new TimeRange(Instant.parse("2026-11-23T00:00:00Z"), NOW);
    private static final TimeRange ODD = new TimeRange(Instant.parse("2026-11-01T00:00:00.000001Z"), NOW);
    private ClickHouseForTests db;
    private UsageQueries queries;

    @BeforeEach
    void start() throws Exception {
        db = ClickHouseForTests.migrated();
        Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
        queries = new UsageQueries(db.clickHouse(), RollupCatalogue.byDefault(), clock);
    }

    @AfterEach
    void stop() throws Exception {
        db.close();
    }

    private static Dimension dimension(String name) {
        return Dimension.named(name).orElseThrow();
    }

    private static UsageEvent anEvent(String tenant, String model, String cost) {
        return event(tenant, HOUR.plusSeconds(5), model, cost).build();
    }

    @Test
    void aRepeatedEventCountsOnceWhereverItsCopiesLie() throws Exception {
        UsageEvent event = anEvent("acme", "m", "0.00045");
        store(db.clickHouse(), event, event);
        store(db.clickHouse(), event);
        UsageAnswer answer =
                queries.run(UsageQuery.of(ODD, List.of(Metric.REQUESTS, Metric.COST_USD), List.of(), Map.of()));
        assertThat(db.ask("SELECT count() FROM usage_events").toString()).isNotEqualTo("1");
        assertThat(answer.rows().get(0).figures().get(0)).isEqualByComparingTo("1");
        assertThat(answer.rows().get(0).figures().get(1)).isEqualByComparingTo("0.00045");
    }

    @Test
    void sumsAreExactWhereDoublesAreNot() throws Exception {
        store(
                db.clickHouse(),
                anEvent("a", "m", "0.1"),
                anEvent("a", "m", "0.2"),
                anEvent("a", "m", "1000000000000.000000000001"));
        UsageAnswer answer = queries.run(UsageQuery.of(ODD, List.of(Metric.COST_USD), List.of(), Map.of()));
        assertThat(answer.rows().get(0).figures().get(0)).isEqualByComparingTo("1000000000000.300000000001");
    }

    @Test
    void groupsByFieldsAndTagsAndFiltersByThem() throws Exception {
        store(
                db.clickHouse(),
                anEvent("a", "m1", "1"),
                event("a", HOUR, "m2", "3").setTags(Map.of("team", "ads")).build(),
                event("b", HOUR, "m2", "5").setTags(Map.of()).build());
        List<Dimension> by = List.of(dimension("tag.team"), dimension("model"));
        UsageAnswer answer = queries.run(UsageQuery.of(ODD, List.of(Metric.COST_USD), by, Map.of()));
        assertThat(answer.rows().stream().map(Row::dimensions))
                .containsExactly(List.of("", "m2"), List.of("ads", "m2"), List.of("search", "m1"));
        UsageAnswer filtered = queries.run(UsageQuery.of(
                ODD, List.of(Metric.COST_USD), by, Map.of(dimension("tag.team"), "", Dimension.Field.TENANT, "b")));
        assertThat(filtered.rows()).hasSize(1);
    }

    @Test
    void everyMetricHasItsMeaning() throws Exception {
        store(
                db.clickHouse(),
                event("a", HOUR, "m", "3").setLatencyMs(100).build(),
                event("a", HOUR, "m", null)
                        .setOutcome(Outcome.timeout)
                        .setLatencyMs(201)
                        .build(),
                event("a", HOUR, "m", null)
                        .setUncachedInputTokens(0)
                        .setTextOutputTokens(0)
                        .setLatencyMs(200)
                        .build());
        List<Metric> metrics = Metric.allowed().stream()
                .map(name -> Metric.named(name).orElseThrow())
                .toList();
        UsageAnswer answer = queries.run(UsageQuery.of(ODD, metrics, List.of(), Map.of()));
        Map<String, String> expected = Map.of(
                "cost_usd", "3",
                "requests", "3",
                "errors", "1",
                "input_tokens", "200",
                "output_tokens", "20",
                "unpriced_requests", "1",
                "unpriced_tokens", "110",
                "cost_per_request_usd", "1",
                "latency_ms_avg", "167",
                "uncached_input_tokens", "200");
        expected.forEach((name, value) -> assertThat(
                        answer.figure(answer.rows().get(0), Metric.named(name).orElseThrow()))
                .as(name)
                .isEqualByComparingTo(value));
        assertThat(answer.asOf()).isEqualTo(HOUR);
    }

    private static UsageEvent aBlockedEvent(String tenant) {
        return event(tenant, HOUR, "m", null)
                .setUncachedInputTokens(0)
                .setTextOutputTokens(0)
                .setOutcome(Outcome.blocked)
                .setUsageSource(UsageSource.none)
                .setHttpStatus(429)
                .build();
    }

    @Test
    void whatCallsCostIsUnknownWhereNoneHasAPriceOverEventsAsOverRollups() throws Exception {
        UsageEvent lost = event("lost", HOUR, "m", null)
                .setUncachedInputTokens(0)
                .setTextOutputTokens(0)
                .setUsageSource(UsageSource.none)
                .setHttpStatus(200)
                .build();
        UsageEvent fee = event("fee", HOUR, "m", "0.01")
                .setUncachedInputTokens(0)
                .setTextOutputTokens(0)
                .build();
        List<UsageEvent> events = List.of(
                anEvent("unpriced", "new", null),
                anEvent("unpriced", "newer", null),
                aBlockedEvent("unpriced"),
                lost,
                anEvent("some", "new", null),
                anEvent("some", "m", "0.5"),
                anEvent("gratis", "free", "0"),
                anEvent("gratis", "new", null),
                fee,
                anEvent("fee", "new", null),
                aBlockedEvent("blocked"));
        Map<String, String> expected = new HashMap<>();
        expected.put("unpriced", null);
        expected.put("lost", null);
        expected.put("some", "0.5");
        expected.put("gratis", "0");
        expected.put("fee", "0.01");
        expected.put("blocked", "0");
        store(db.clickHouse(), events.toArray(UsageEvent[]::new));
        store(db.clickHouse(), rollups(events, Granularity.hour).toArray(UsageRollup[]::new));
        TimeRange hour = new TimeRange(HOUR, HOUR.plusSeconds(3600));
        List<Metric> metrics = List.of(Metric.COST_USD, Metric.COST_PER_REQUEST_USD);
        for (boolean descending : List.of(true, false)) {
            UsageQuery query = new UsageQuery(
                    hour,
                    metrics,
                    List.of(Dimension.Field.TENANT),
                    Map.of(),
                    Bucket.NONE,
                    List.of(new Order(new Order.ByMetric(Metric.COST_USD), descending)),
                    100);
            UsageAnswer rollups = queries.run(query);
            assertThat(rollups.source()).isEqualTo(Source.ROLLUPS);
            UsageAnswer fromEvents = new UsageQueries(
                            db.clickHouse(), RollupCatalogue.none(), Clock.fixed(NOW, ZoneOffset.UTC))
                    .run(query);
            assertThat(fromEvents.rows())
                    .usingRecursiveComparison()
                    .withComparatorForType(BigDecimal::compareTo, BigDecimal.class)
                    .isEqualTo(rollups.rows());
            for (Row row : rollups.rows()) {
                String cost = expected.get(row.dimensions().get(0));
                if (cost == null) {
                    assertThat(row.figures()).as("%s", row.dimensions()).containsOnlyNulls();
                } else {
                    assertThat(row.figures().get(0)).as("%s", row.dimensions()).isEqualByComparingTo(cost);
                    assertThat(row.figures().get(1)).as("%s", row.dimensions()).isNotNull();
                }
            }
            assertThat(rollups.rows().stream().map(row -> row.dimensions().get(0)))
                    .as("unknown ones come last")
                    .hasSize(6)
                    .endsWith("lost", "unpriced");
        }
        assertThat(new LedgerCheck(db.clickHouse())
                        .run(hour, Optional.of("unpriced"))
                        .exact())
                .isTrue();
    }

    @Test
    void viewsOfCallsWithoutAPriceTellNoCost() throws Exception {
        store(db.clickHouse(), anEvent("a", "new", null), anEvent("b", "m", "3"), anEvent("b", "new", null));
        Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
        UsageQueries fromEvents = new UsageQueries(db.clickHouse(), RollupCatalogue.none(), clock);
        Views views = new Views(fromEvents, new CostParts(db.clickHouse()), clock);
        Map<Dimension, String> a = Map.of(Dimension.Field.TENANT, "a");
        assertThat(views.monthSpend(a).cost()).isNull();
        assertThat(views.monthSpend(a).previousMonth()).isEqualByComparingTo("0");
        Views.Day today = views.dailyTrend(2, a).get(1);
        assertThat(today.cost()).isNull();
        assertThat(today.averageCost()).isNull();
        assertThat(today.unpricedRequests()).isEqualTo(1);
        assertThat(views.dailyTrend(2, a).get(0).averageCost()).isEqualByComparingTo("0");
        List<Views.Share> shares = views.shares(TODAY, List.of(dimension("tenant")), Map.of());
        assertThat(shares.get(0).percent()).isEqualByComparingTo("100");
        assertThat(shares.get(0).unpricedRequests()).isEqualTo(1);
        assertThat(shares.get(1).cost()).isNull();
        assertThat(shares.get(1).percent()).isNull();
        Views.KindTotal input =
                views.tokenBreakdown(TODAY, Bucket.DAY, a).totals().get(0);
        assertThat(input.tokens()).isEqualTo(100);
        assertThat(input.cost()).isNull();
        Views.KindTotal cached =
                views.tokenBreakdown(TODAY, Bucket.DAY, a).totals().get(1);
        assertThat(cached.cost()).as("no tokens of it").isEqualByComparingTo("0");
    }

    @Test
    void nothingFoundIsZeroAndAQuotientOfNothingIsNull() {
        List<Metric> metrics = List.of(Metric.COST_USD, Metric.COST_PER_REQUEST_USD, Metric.LATENCY_MS_AVG);
        UsageAnswer answer = queries.run(UsageQuery.of(ODD, metrics, List.of(), Map.of()));
        assertThat(answer.rows().get(0).figures().get(0)).isEqualByComparingTo("0");
        assertThat(answer.rows().get(0).figures().subList(1, 3)).containsOnlyNulls();
        assertThat(answer.asOf()).isNull();
    }

    @Test
    void windowsBeginWhereTheirHourDayOrMonthBegins() throws Exception {
        store(db.clickHouse(), anEvent("a", "m", "1"));
        for (var window : Map.of(Bucket.HOUR, HOUR, Bucket.DAY, TODAY.from(), Bucket.MONTH, TimeRange.monthOf(NOW))
                .entrySet()) {
            UsageAnswer answer = queries.run(UsageQuery.of(ODD, List.of(Metric.COST_USD), List.of(), Map.of())
                    .by(window.getKey()));
            assertThat(answer.rows().get(0).windowStart()).isEqualTo(window.getValue());
        }
    }

    @Test
    void wholeHoursOfKnownDimensionsComeFromRollupsAndAgreeWithEvents() throws Exception {
        UsageEvent event = anEvent("a", "m", "0.000000000007");
        store(db.clickHouse(), event);
        Instant day = TODAY.from();
        UsageRollup stale = rollup(event, Granularity.day, day, day.plus(1, ChronoUnit.DAYS))
                .setRequests(99)
                .build();
        UsageRollup current = rollup(event, Granularity.day, day, day.plus(1, ChronoUnit.DAYS))
                .setRevision(2)
                .build();
        store(db.clickHouse(), current, stale);
        store(
                db.clickHouse(),
                rollup(event, Granularity.hour, HOUR, HOUR.plusSeconds(3600)).build());
        UsageQuery byTeam = UsageQuery.of(
                TODAY, List.of(Metric.COST_USD, Metric.REQUESTS), List.of(dimension("tag.team")), Map.of());
        UsageQuery byOperation = UsageQuery.of(
                TODAY, List.of(Metric.COST_USD, Metric.REQUESTS), List.of(dimension("operation")), Map.of());
        assertThat(queries.run(byTeam).source()).isEqualTo(Source.ROLLUPS);
        assertThat(queries.run(byOperation).source()).isEqualTo(Source.EVENTS);
        assertThat(queries.run(byTeam).rows().get(0).figures())
                .usingElementComparator(BigDecimal::compareTo)
                .containsExactlyElementsOf(
                        queries.run(byOperation).rows().get(0).figures());
        TimeRange wholeDay = new TimeRange(day, day.plus(1, ChronoUnit.DAYS));
        assertThat(queries.run(byTeam.within(wholeDay)).rows().get(0).figures().get(1))
                .isEqualByComparingTo("1");
        assertThat(queries.run(byTeam.within(ODD)).source()).isEqualTo(Source.EVENTS);
    }

    @Test
    void theSmallestGroupThatHasAllThatIsMentionedAnswers() {
        RollupCatalogue groups = new RollupCatalogue(Map.of(
                "tenant", List.of("tenant"),
                "models", List.of("tenant", "provider", "model"),
                "customers", List.of("tenant", "tag.customer"),
                "detail", List.of("tenant", "provider", "model", "tag.team", "tag.feature")));
        TimeRange november =
                new TimeRange(Instant.parse("2026-11-01T00:00:00Z"), Instant.parse("2026-12-01T00:00:00Z"));
        assertThat(groups.groupWith(List.of(), november)).contains("tenant");
        assertThat(groups.groupWith(List.of("tenant"), november)).contains("tenant");
        assertThat(groups.groupWith(List.of("model"), november)).contains("models");
        assertThat(groups.groupWith(List.of("tag.customer"), november)).contains("customers");
        assertThat(groups.groupWith(List.of("model", "tag.team"), november)).contains("detail");
        assertThat(groups.groupWith(List.of("model", "tag.customer"), november)).isEmpty();
    }

    @Test
    void daysAndTheHoursBeforeAndAfterThemAreSummedOnceEach() throws Exception {
        List<UsageEvent> events = new ArrayList<>();
        for (int i = 0; i < 96; i++) {
            events.add(event(
                            "a",
                            TODAY.from().minus(3L * 24 - i, ChronoUnit.HOURS).plusSeconds(i),
                            "m",
                            "1." + (10 + i))
                    .build());
        }
        store(db.clickHouse(), events.toArray(UsageEvent[]::new));
        for (Granularity granularity : List.of(Granularity.hour, Granularity.day)) {
            store(db.clickHouse(), rollups(events, granularity).toArray(UsageRollup[]::new));
        }
        UsageQueries fromEvents =
                new UsageQueries(db.clickHouse(), RollupCatalogue.none(), Clock.fixed(NOW, ZoneOffset.UTC));
        for (int from : List.of(0, 5, 24)) {
            for (int until : List.of(9, 24, 31, 72)) {
                for (Bucket bucket : Bucket.values()) {
                    Instant start = TODAY.from().minus(3, ChronoUnit.DAYS);
                    UsageQuery query = UsageQuery.of(
                                    new TimeRange(
                                            start.plus(from, ChronoUnit.HOURS),
                                            start.plus(Math.max(from, until), ChronoUnit.HOURS)),
                                    List.of(Metric.COST_USD, Metric.REQUESTS),
                                    List.of(),
                                    Map.of())
                            .by(bucket);
                    UsageAnswer answer = queries.run(query);
                    assertThat(answer.source()).isEqualTo(Source.ROLLUPS);
                    assertThat(answer.rows())
                            .as("%s", query)
                            .usingRecursiveComparison()
                            .withComparatorForType(BigDecimal::compareTo, BigDecimal.class)
                            .isEqualTo(fromEvents.run(query).rows());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "' OR 1=1 --",
                "\\' OR 1=1 --",
                "'; DROP TABLE usage_events; --",
                "\\",
                "\\\\'",
                "?",
                "{x:String}",
                "a\u0000b",
                "\u2019",
                "') UNION ALL SELECT 1 --",
                "\n\t\b",
                "\ud83d\ude00",
                "$$ '$1"
            })
    void valuesAndTagNamesAreNeverRead(String hostile) throws Exception {
        store(
                db.clickHouse(),
                anEvent("a", "m", "1"),
                event("a", HOUR, "m", "2").setTags(Map.of(hostile, hostile)).build());
        Dimension tag = new Dimension.Tag(hostile);
        UsageAnswer answer =
                queries.run(UsageQuery.of(ODD, List.of(Metric.COST_USD), List.of(tag), Map.of(tag, hostile)));
        assertThat(answer.rows()).hasSize(1);
        assertThat(answer.rows().get(0).dimensions()).containsExactly(hostile);
        assertThat(answer.rows().get(0).figures().get(0)).isEqualByComparingTo("2");
        assertThat(queries.run(UsageQuery.of(
                                ODD, List.of(Metric.COST_USD), List.of(), Map.of(Dimension.Field.TENANT, hostile)))
                        .rows()
                        .get(0)
                        .figures()
                        .get(0))
                .isEqualByComparingTo("0");
    }

    @Test
    void theLedgerCheckFindsABrokenRollup() throws Exception {
        UsageEvent event = anEvent("a", "m", "0.5");
        store(db.clickHouse(), event);
        LedgerCheck check = new LedgerCheck(db.clickHouse());
        TimeRange hour = new TimeRange(HOUR, HOUR.plusSeconds(3600));
        assertThat(check.run(hour, Optional.empty()).exact()).as("no rollup").isFalse();
        UsageRollup.Builder rollup = rollup(event, Granularity.hour, HOUR, HOUR.plusSeconds(3600));
        store(db.clickHouse(), rollup.build());
        assertThat(check.run(hour, Optional.of("a")).exact()).isTrue();
        assertThat(check.run(hour, Optional.of("other")).exact()).isTrue();
        store(
                db.clickHouse(),
                rollup.setRevision(2)
                        .setCostUsd(rollup.getCostUsd().add(new BigDecimal("0.000000000001")))
                        .build());
        LedgerCheck.Result broken = check.run(hour, Optional.empty());
        assertThat(broken.exact()).isFalse();
        assertThat(broken.rollups().get(0).sums().get("cost_usd")).isEqualByComparingTo("0.500000000001");
    }

    @Test
    void viewsAddUp() throws Exception {
        store(
                db.clickHouse(),
                anEvent("a", "m1", "3"),
                event("a", Instant.parse("2026-11-20T12:00:00Z"), "m2", "4").build(),
                event("a", Instant.parse("2026-10-10T00:00:00Z"), "m2", "1").build(),
                event("a", Instant.parse("2026-10-30T00:00:00Z"), "m2", "1").build());
        Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
        UsageQueries fromEvents = new UsageQueries(db.clickHouse(), RollupCatalogue.none(), clock);
        Views views = new Views(fromEvents, new CostParts(db.clickHouse()), clock);
        Views.MonthSpend month = views.monthSpend(Map.of());
        assertThat(month.cost()).isEqualByComparingTo("7");
        assertThat(month.previousMonth()).isEqualByComparingTo("2");
        assertThat(month.previousMonthSameTime()).isEqualByComparingTo("1");
        List<Views.Day> days = views.dailyTrend(5, Map.of());
        assertThat(days).hasSize(5);
        assertThat(days.get(0).day()).isEqualTo(LocalDate.parse("2026-11-19"));
        assertThat(days.get(0).cost()).isEqualByComparingTo("0");
        assertThat(days.get(4).averageCost()).isEqualByComparingTo("1");
        List<Views.Share> shares = views.shares(TimeRange.monthSoFar(NOW), List.of(dimension("model")), Map.of());
        assertThat(shares.stream().map(share -> share.percent().toPlainString()))
                .containsExactly("57.14", "42.86");
        Views.TokenBreakdown tokens = views.tokenBreakdown(TimeRange.monthSoFar(NOW), Bucket.DAY, Map.of());
        assertThat(tokens.totals().get(0))
                .usingRecursiveComparison()
                .withComparatorForType(BigDecimal::compareTo, BigDecimal.class)
                .isEqualTo(new Views.KindTotal("uncached_input_tokens", 200, new BigDecimal("7")));
        assertThat(tokens.series().rows()).hasSize(2);
    }
}
