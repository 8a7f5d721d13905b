package dev.tokenmeter.queryapi.whatif;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.pricing.DailyHours;
import dev.tokenmeter.pricing.Names;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.pricing.PriceSource;
import dev.tokenmeter.pricing.Validity;
import dev.tokenmeter.queryapi.whatif.Scenario.Suppositions;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.schemas.UsageSource;
import dev.tokenmeter.storage.clickhouse.ClickHouseForTests;
import dev.tokenmeter.storage.query.Bucket;
import dev.tokenmeter.storage.query.Dimension;
import dev.tokenmeter.storage.query.QuantityQueries;
import dev.tokenmeter.storage.query.QuantityQuery.Model;
import dev.tokenmeter.storage.query.RollupCatalogue;
import dev.tokenmeter.storage.query.TimeRange;
import dev.tokenmeter.storage.sink.TestRecords;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers from sums against each event priced by itself, on the real engine. */
class RevaluationTest {
    private static final Instant FROM = Instant.parse("2026-11-18T00:00:00Z");
    private static final Instant UNTIL = Instant.parse("2026-11-22T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-11-23T10:30:00Z");
    private static final List<Model> MODELS = List.of(
            new Model("openai", "gpt-4o-2024-08-06"),
            new Model("openai", "gpt-4o-mini"),
            new Model("anthropic", "claude-sonnet-4-5-20250929"),
            new Model("gemini", "gemini-2.5-pro"),
            // Another price from half past midnight to half past four in the afternoon.
            new Model("deepseek", "deepseek-chat"),
            new Model("nobody", "unheard-of"));
    private static final PriceBook BOOK = PriceBook.shipped()
            .with(
                    PriceSource.API,
                    List.of(Price.builder("deal", "*", new Names(Set.of(), Set.of(), Set.of("*")))
                            .tenant("with-a-deal")
                            .factor(new BigDecimal("0.85"))
                            .build()));
    private static ClickHouseForTests db;

    @BeforeAll
    static void start() throws Exception {
        db = ClickHouseForTests.migrated();
    }

    @AfterAll
    static void stop() throws Exception {
        db.close();
    }

    private static final class Traffic {
        final String tenant;
        final List<UsageEvent> events = new ArrayList<>();

        Traffic(String tenant) {
            this.tenant = tenant;
        }

        static Traffic random(long seed, String tenant, int count) throws Exception {
            Random random = new Random(seed);
            Traffic traffic = new Traffic(tenant);
            for (int i = 0; i < count; i++) {
                traffic.events.add(BOOK.price(event(random, tenant)));
            }
            traffic.store();
            return traffic;
        }

        void store() throws Exception {
            TestRecords.store(db.clickHouse(), events.toArray(UsageEvent[]::new));
            for (Granularity granularity : List.of(Granularity.hour, Granularity.day)) {
                TestRecords.store(
                        db.clickHouse(),
                        TestRecords.rollups(events, granularity).toArray(UsageRollup[]::new));
            }
        }

        /** What its events cost by some rule; those of unknown cost are counted beside. */
        Sum sum(Function<UsageEvent, BigDecimal> rule) {
            BigDecimal usd = Money.ZERO;
            long unpriced = 0;
            for (UsageEvent event : events) {
                BigDecimal cost = rule.apply(event);
                usd = usd.add(cost == null ? Money.ZERO : cost);
                boolean used = UsageEvents.isMetered(event) || UsageEvents.lacksUsage(event);
                unpriced += cost == null && used ? 1 : 0;
            }
            return new Sum(usd, unpriced);
        }
    }

    private record Sum(BigDecimal usd, long unpriced) {}

    private static UsageEvent event(Random random, String tenant) {
        Model model = MODELS.get(random.nextInt(MODELS.size()));
        UsageEvent.Builder event = UsageEvent.newBuilder()
                .setEventId(new UUID(random.nextLong(), random.nextLong()))
                .setOccurredAt(FROM.plus(random.nextLong(ChronoUnit.MICROS.between(FROM, UNTIL)), ChronoUnit.MICROS))
                .setGatewayId("gw")
                .setTenant(tenant)
                .setApiKeyId("key-" + random.nextInt(2))
                .setTags(Map.of("feature", List.of("chatbot", "search").get(random.nextInt(2))))
                .setProvider(model.provider())
                .setModel(model.name())
                .setOperation("chat")
                .setServiceTier(List.of("default", "batch", "priority", "flex").get(random.nextInt(4)))
                .setLatencyMs(5);
        switch (random.nextInt(10)) {
            case 0 ->
                event.setUsageSource(UsageSource.none)
                        .setOutcome(Outcome.upstream_error)
                        .setHttpStatus(500);
            case 1 ->
                event.setUsageSource(UsageSource.none)
                        .setOutcome(Outcome.client_aborted)
                        .setHttpStatus(200);
            default ->
                use(
                        event.setUsageSource(UsageSource.provider)
                                .setOutcome(Outcome.completed)
                                .setHttpStatus(200),
                        random);
        }
        return event.build();
    }

    private static void use(UsageEvent.Builder event, Random random) {
        event.setUncachedInputTokens(random.nextInt(4) == 0 ? random.nextInt(300_000) : random.nextInt(5_000))
                .setTextOutputTokens(random.nextInt(4_000));
        if (random.nextInt(3) == 0) {
            event.setCacheReadInputTokens(random.nextInt(100_000));
        }
        if (random.nextInt(6) == 0) {
            event.setReasoningOutputTokens(random.nextInt(9_000));
        }
        if (random.nextInt(12) == 0) {
            event.setAudioInputTokens(1 + random.nextInt(500));
        }
        if (random.nextInt(6) == 0) {
            event.setUnits(Map.of(
                    "web_search_requests",
                    BigDecimal.valueOf(1 + random.nextInt(3)).setScale(12)));
        }
    }

    private static Suppositions nothing() {
        return new Suppositions(null, Map.of(), null, null, BigDecimal.ONE, BigDecimal.ONE);
    }

    private static WhatIfAnswer answer(
            Traffic traffic, boolean fromRollups, PriceBook book, Suppositions supposed, Bucket bucket, String... by) {
        RollupCatalogue rollups = fromRollups ? RollupCatalogue.byDefault() : RollupCatalogue.none();
        Question question = new Question(
                new TimeRange(FROM, UNTIL),
                Map.of(Dimension.Field.TENANT, traffic.tenant),
                List.of(by).stream()
                        .map(name -> Dimension.named(name).orElseThrow())
                        .toList(),
                bucket,
                10_000,
                new Scenario(book, supposed));
        QuantityQueries queries = new QuantityQueries(db.clickHouse(), rollups);
        return WhatIfAnswer.of(question, new Revaluation(queries, question, NOW).run());
    }

    private static void assertIs(Tally tally, Sum supposed) {
        assertThat(tally.supposedCost()).isEqualByComparingTo(supposed.usd);
        assertThat(tally.supposedUnpriced()).isEqualTo(supposed.unpriced);
    }

    @ParameterizedTest
    @CsvSource({"1, true", "1, false", "2, true", "3, true"})
    void theSameModelsAndPricesCostWhatTheyDidToTheLastDigit(long seed, boolean fromRollups) throws Exception {
        String tenant = seed == 3 ? "with-a-deal" : "same-" + seed + fromRollups;
        Traffic traffic = Traffic.random(seed, tenant, 400);
        Sum actual = traffic.sum(UsageEvent::getCostUsd);
        Tally total = answer(traffic, fromRollups, BOOK, nothing(), Bucket.NONE).total();

        assertIs(total, actual);
        assertThat(total.cost()).isEqualByComparingTo(actual.usd);
        assertThat(total.unpriced()).isEqualTo(actual.unpriced);
        assertThat(total.difference()).isEqualByComparingTo("0");
        assertThat(total.requests()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void twiceThePriceCostsTwiceAsMuch(boolean fromRollups) throws Exception {
        Traffic traffic = Traffic.random(4, "twice-" + fromRollups, 300);
        Suppositions twice = new Suppositions(null, Map.of(), null, null, new BigDecimal("2"), BigDecimal.ONE);
        Tally total = answer(traffic, fromRollups, BOOK, twice, Bucket.NONE).total();

        assertThat(total.supposedCost())
                .isEqualByComparingTo(total.cost().multiply(BigDecimal.valueOf(2)))
                .isPositive();
        assertThat(total.differencePercent()).isEqualTo(100.0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anotherModelCostsWhatEachCallWouldHaveCostThere(boolean fromRollups) throws Exception {
        Traffic traffic = Traffic.random(5, "other-" + fromRollups, 400);
        Model target = new Model("gemini", "gemini-2.5-pro");
        Suppositions other = new Suppositions(target, Map.of(), null, null, BigDecimal.ONE, BigDecimal.ONE);
        Sum expected = traffic.sum(event -> BOOK.price(UsageEvent.newBuilder(event)
                        .setProvider(target.provider())
                        .setModel(target.name())
                        .setCostUsd(null)
                        .setCostParts(Map.of())
                        .build())
                .getCostUsd());

        assertIs(answer(traffic, fromRollups, BOOK, other, Bucket.NONE).total(), expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "HOUR", "DAY", "MONTH"})
    void rowsAddUpToTheTotalWhateverTheyAreGroupedBy(Bucket bucket) throws Exception {
        Traffic traffic = Traffic.random(6, "parts-" + bucket, 300);
        Model from = new Model("openai", "gpt-4o");
        Suppositions mapped = new Suppositions(
                null,
                Map.of(from, new Model("deepseek", "deepseek-chat")),
                null,
                null,
                new BigDecimal("1.1"),
                BigDecimal.ONE);
        WhatIfAnswer answer = answer(traffic, true, BOOK, mapped, bucket, "tag.feature", "model");

        assertThat(answer.rows()).hasSizeGreaterThan(5);
        assertThat(answer.rows().stream()
                        .map(row -> row.tally().supposedCost())
                        .filter(cost -> cost != null)
                        .reduce(Money.ZERO, BigDecimal::add))
                .isEqualByComparingTo(answer.total().supposedCost());
        assertThat(answer.rows().stream()
                        .map(row -> row.tally().cost())
                        .filter(cost -> cost != null)
                        .reduce(Money.ZERO, BigDecimal::add))
                .isEqualByComparingTo(traffic.sum(UsageEvent::getCostUsd).usd);
        assertThat(answer.rows().stream()
                        .mapToLong(row -> row.tally().requests())
                        .sum())
                .isEqualTo(300);
        Map<Object, Long> windows = new HashMap<>();
        traffic.events.forEach(
                event -> windows.merge(String.valueOf(bucket.startOf(event.getOccurredAt())), 1L, Long::sum));
        Map<Object, Long> found = new HashMap<>();
        answer.rows()
                .forEach(row ->
                        found.merge(String.valueOf(row.window()), row.tally().requests(), Long::sum));
        assertThat(found).isEqualTo(windows);
    }

    /** A change that cuts an hour in two: only calls of that model in that hour are read one by one. */
    @Test
    void aPriceThatChangesWithinAnHourHoldsFromThatMomentOn() throws Exception {
        Traffic traffic = Traffic.random(7, "moment", 600);
        Instant moment = Instant.parse("2026-11-19T13:20:17.000123Z");
        PriceBook supposed = BOOK.supposing(List.of(
                mini("early", new Validity(Instant.EPOCH, moment, List.of()), "1"),
                mini("late", new Validity(moment, null, List.of()), "7"),
                mini(
                        "night",
                        new Validity(
                                Instant.EPOCH, null, List.of(new DailyHours(LocalTime.of(2, 15), LocalTime.of(3, 0)))),
                        "0.5")));
        PriceBook alone = supposed;
        Sum expected = traffic.sum(event -> alone.price(UsageEvent.newBuilder(event)
                        .setCostUsd(null)
                        .setCostParts(Map.of())
                        .build())
                .getCostUsd());
        WhatIfAnswer answer = answer(traffic, true, supposed, nothing(), Bucket.NONE);

        assertIs(answer.total(), expected);
        assertThat(answer.requestsFromEvents()).isBetween(1L, 100L);
    }

    private static Price mini(String id, Validity validity, String rate) {
        return Price.builder(id, "openai", Names.exactly("gpt-4o-mini"))
                .validity(validity)
                .serviceTiers(Set.of())
                .perMillion(Map.of(
                        TokenKind.UNCACHED_INPUT, new BigDecimal(rate),
                        TokenKind.TEXT_OUTPUT, new BigDecimal(rate)))
                .build();
    }

    @Test
    void rollupsFromBeforeThereWereClassesAreLeftAsideForTheirEvents() throws Exception {
        Traffic traffic = new Traffic("before");
        Random random = new Random(8);
        Instant upgrade = Instant.parse("2026-11-19T15:35:00Z");
        for (int i = 0; i < 200; i++) {
            traffic.events.add(BOOK.price(event(random, traffic.tenant)));
        }
        TestRecords.store(db.clickHouse(), traffic.events.toArray(UsageEvent[]::new));
        for (Granularity granularity : List.of(Granularity.hour, Granularity.day)) {
            for (boolean classes : List.of(true, false)) {
                List<UsageEvent> some = traffic.events.stream()
                        .filter(event -> classes == event.getOccurredAt().isAfter(upgrade))
                        .toList();
                TestRecords.store(
                        db.clickHouse(),
                        TestRecords.rollups(some, granularity, classes).toArray(UsageRollup[]::new));
            }
        }
        WhatIfAnswer answer = answer(traffic, true, BOOK, nothing(), Bucket.DAY);

        assertIs(answer.total(), traffic.sum(UsageEvent::getCostUsd));
        assertThat(answer.total().requests()).isEqualTo(200);
        assertThat(answer.requestsFromEvents()).isBetween(80L, 120L);
    }
}
