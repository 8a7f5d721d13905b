package dev.tokenmeter.gateway.cap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.gateway.attribution.Attribution;
import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.budget.BudgetDimensions;
import dev.tokenmeter.schemas.budget.BudgetPeriod;
import dev.tokenmeter.schemas.budget.BudgetScope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** What is taken for spent, whatever has been counted of it elsewhere. */
class CapAccountTest {
    private static final Instant NOVEMBER = Instant.parse("2026-11-23T12:00:00Z");
    private static final Instant DECEMBER = Instant.parse("2026-12-01T00:00:00Z");

    private Instant now = NOVEMBER;
    private final Clock clock = new Clock() {
        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };
    private final BudgetDirectory budgets = new BudgetDirectory(clock);
    private final Caps caps = new Caps(
            new CapConfig(4096, CapConfig.WhenUnknown.OPEN, BudgetDimensions.DEFAULT),
            budgets,
            e -> e,
            new SimpleMeterRegistry(),
            clock);
    private final Map<String, Budget> defined = new HashMap<>();
    private long revision;

    private void define(String limit) {
        define(definition(limit).build());
    }

    private void define(Budget budget) {
        defined.put(budget.getBudgetId(), budget);
        budgets.definitions().put(budget.getBudgetId(), budget);
    }

    private Budget.Builder definition(String limit) {
        return Budget.newBuilder()
                .setBudgetId("b1")
                .setTenant("acme")
                .setName("b")
                .setAmountUsd(Money.exact(new BigDecimal(limit)))
                .setHard(true)
                .setUpdatedAt(now);
    }

    /** What the aggregator would say that has counted these events. */
    private void count(Budget budget, List<UsageEvent> events) {
        BudgetPeriod.Span span = BudgetPeriod.of(budget).around(now);
        BudgetScope scope = BudgetScope.of(budget);
        BigDecimal usd = Money.ZERO;
        long tokens = 0;
        Map<String, BigDecimal> usdByRun = new HashMap<>();
        Map<String, Long> tokensByRun = new HashMap<>();
        for (UsageEvent event : events) {
            if (span.contains(event.getOccurredAt()) && scope.covers(name -> BudgetDimensions.valueOf(event, name))) {
                usd = usd.add(event.getCostUsd());
                tokens += event.getTextOutputTokens();
                usdByRun.merge(event.getGatewayRun(), event.getCostUsd(), BigDecimal::add);
                tokensByRun.merge(event.getGatewayRun(), event.getTextOutputTokens(), Long::sum);
            }
        }
        budgets.statuses()
                .put(
                        budget.getBudgetId() + "|" + span.start(),
                        BudgetStatus.newBuilder()
                                .setBudgetId(budget.getBudgetId())
                                .setTenant("acme")
                                .setName("b")
                                .setDimensions(budget.getDimensions())
                                .setPeriod(budget.getPeriod())
                                .setTimeZone(budget.getTimeZone())
                                .setPeriodStart(span.start())
                                .setPeriodEnd(span.end())
                                .setSpentUsd(usd)
                                .setSpentByGatewayRun(usdByRun)
                                .setSpentTokens(tokens)
                                .setTokensByGatewayRun(tokensByRun)
                                .setLimitUsd(Money.exact(BigDecimal.ONE))
                                .setRevision(++revision)
                                .setUpdatedAt(now)
                                .build());
    }

    private UsageEvent event(long usd, String run, Map<String, String> tags) {
        return UsageEvent.newBuilder()
                .setEventId(UUID.randomUUID())
                .setOccurredAt(now)
                .setGatewayId("g")
                .setGatewayRun(run)
                .setTenant("acme")
                .setApiKeyId("k")
                .setTags(tags)
                .setProvider("p")
                .setModel("m")
                .setOperation("chat")
                .setCostUsd(Money.exact(BigDecimal.valueOf(usd)))
                .setTextOutputTokens(3 * usd)
                .build();
    }

    private UsageEvent settle(long usd) {
        UsageEvent event = event(usd, caps.run(), Map.of());
        caps.settle(Reservation.none("acme"), event);
        return event;
    }

    private boolean passes() {
        return passes(Map.of());
    }

    private boolean passes(Map<String, String> tags) {
        Attribution attribution = new Attribution("acme", "k", tags, Set.of(), null, null);
        return caps.judge(new Asked(attribution, true, "p", null, Operation.CHAT, "m", false, () -> null))
                instanceof Verdict.Pass;
    }

    /** The limit is met exactly at the true spend. */
    private void assertSpent(long usd) {
        define(Long.toString(usd));
        assertThat(passes()).as("limit at the spend").isFalse();
        define(Long.toString(usd + 1));
        assertThat(passes()).as("limit above the spend").isTrue();
    }

    /**
     * Budgets of any scope, period and unit come at any moment, events are counted in any order: of each budget all is known
     * that has been counted, and all that was settled here since it is there, and nothing twice.
     */
    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void nothingCountsTwiceOrIsLeftOutOfAnyBudgetWheneverItIsDefined(@ForAll long seed) {
        new CapAccountTest().liveThrough(seed);
    }

    private void liveThrough(long seed) {
        Random random = new Random(seed);
        List<UsageEvent> uncounted = new ArrayList<>();
        List<UsageEvent> counted = new ArrayList<>();
        Map<String, List<UsageEvent>> settledSince = new HashMap<>();
        Map<String, List<UsageEvent>> said = new HashMap<>();
        for (int step = 0; step < 60; step++) {
            switch (random.nextInt(6)) {
                case 0 -> {
                    String id = "b" + random.nextInt(4);
                    if (!defined.containsKey(id)) {
                        define(random(id, random));
                        settledSince.put(id, new ArrayList<>());
                        said.put(id, List.of());
                    }
                }
                case 1 -> {
                    Collections.shuffle(uncounted, random);
                    for (int i = random.nextInt(uncounted.size() + 1); i > 0; i--) {
                        counted.add(uncounted.remove(0));
                    }
                    counted.add(event(random.nextInt(50), "another run", Map.of("team", "growth")));
                    if (!defined.isEmpty()) {
                        String id = new ArrayList<>(defined.keySet()).get(random.nextInt(defined.size()));
                        count(defined.get(id), counted);
                        said.put(id, List.copyOf(counted));
                    }
                }
                default -> {
                    UsageEvent event = event(
                            random.nextInt(100),
                            caps.run(),
                            random.nextBoolean() ? Map.of() : Map.of("team", "growth"));
                    caps.settle(Reservation.none("acme"), event);
                    uncounted.add(event);
                    settledSince.values().forEach(events -> events.add(event));
                }
            }
            defined.values()
                    .forEach(budget -> assertKnown(
                            budget, said.get(budget.getBudgetId()), settledSince.get(budget.getBudgetId())));
        }
    }

    private Budget random(String id, Random random) {
        boolean tokens = random.nextBoolean();
        return definition("1")
                .setBudgetId(id)
                .setHard(true)
                .setDimensions(random.nextBoolean() ? Map.of() : Map.of("tag.team", "growth"))
                .setPeriod(List.of("day", "week", "month", "total").get(random.nextInt(4)))
                .setTimeZone(List.of("UTC", "Asia/Kathmandu").get(random.nextInt(2)))
                .setAmountUsd(tokens ? Money.ZERO : Money.exact(BigDecimal.ONE))
                .setAmountTokens(tokens ? 1L : null)
                .build();
    }

    private void assertKnown(Budget budget, List<UsageEvent> said, List<UsageEvent> settled) {
        BudgetScope scope = BudgetScope.of(budget);
        List<UsageEvent> all = new ArrayList<>(said);
        settled.stream().filter(event -> !said.contains(event)).forEach(all::add);
        BigDecimal expected = all.stream()
                .filter(event -> scope.covers(name -> BudgetDimensions.valueOf(event, name)))
                .map(Unit.of(budget)::of)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        assertThat(budgets.of("acme").standings(now).get(budget.getBudgetId()).spent())
                .isEqualByComparingTo(expected);
    }

    @Test
    void whatTheMonthBeforeLeftMayBeSpentAsFarAsTheDefinitionOfNowAllows() {
        define(definition("10").setRollOverPercent(50).build());
        budgets.statuses()
                .put(
                        "b1|2026-11-01T00:00:00Z",
                        BudgetStatus.newBuilder(status())
                                .setSpentUsd(Money.exact(new BigDecimal("12")))
                                .setCarriedOverUsd(Money.exact(new BigDecimal("4")))
                                .setLimitUsd(Money.exact(new BigDecimal("14")))
                                .build());
        assertThat(passes()).isTrue();
        settle(2);
        assertThat(passes()).isFalse();
        define(definition("13").setRollOverPercent(50).build());
        assertThat(passes()).isTrue();
        define(definition("13").build());
        settle(1);
        assertThat(passes()).isFalse();
    }

    @Test
    void anOlderStatusThatComesAgainChangesNothing() {
        define("1");
        count(defined.get("b1"), List.of(event(50, "x", Map.of())));
        BudgetStatus older = BudgetStatus.newBuilder(status())
                .setRevision(0)
                .setSpentUsd(Money.ZERO)
                .build();
        budgets.statuses().put("b1|2026-11-01T00:00:00Z", older);
        assertSpent(50);
    }

    private BudgetStatus status() {
        return BudgetStatus.newBuilder()
                .setBudgetId("b1")
                .setTenant("acme")
                .setName("b")
                .setPeriodStart(Instant.parse("2026-11-01T00:00:00Z"))
                .setPeriodEnd(DECEMBER)
                .setSpentUsd(Money.ZERO)
                .setLimitUsd(Money.ZERO)
                .setUpdatedAt(now)
                .build();
    }

    @Test
    void aNewMonthBeginsAtNothingAlsoBeforeItsStatusComes() {
        define("1");
        UsageEvent old = event(50, "x", Map.of());
        count(defined.get("b1"), List.of(old));
        settle(5);
        assertSpent(55);
        now = DECEMBER;
        UsageEvent own = settle(3);
        assertSpent(3);
        count(defined.get("b1"), List.of(old, own, event(4, "x", Map.of())));
        assertSpent(7);
        assertThat(budgets.statuses().size()).isOne();
    }

    @Test
    void aRunThatAStatusLeavesOutAfterLongSilenceStaysCounted() {
        define("1");
        UsageEvent own = settle(5);
        count(defined.get("b1"), List.of(own));
        UsageEvent nobodys = UsageEvent.newBuilder(own).setGatewayRun("").build();
        count(defined.get("b1"), List.of(nobodys));
        assertSpent(5);
    }

    @Test
    void aRemovedBudgetHoldsNothingBackAndARefusedDefinitionLeavesTheOneBeforeInForce() {
        define("10");
        count(defined.get("b1"), List.of(event(50, "x", Map.of())));
        assertThat(passes()).isFalse();
        budgets.definitions().put("b1", definition("1000").setPeriod("year").build());
        assertThat(passes()).isFalse();
        budgets.definitions().remove("b1");
        assertThat(passes()).isTrue();
        assertThat(budgets.definitions().size()).isZero();
    }

    @Test
    void afterARestartARefusedDefinitionHasTheTermsOfItsStatus() {
        budgets.definitions().put("b1", definition("1000").setPeriod("year").build());
        assertThat(passes()).isTrue();
        budgets.statuses()
                .put(
                        "b1|2026-11-01T00:00:00Z",
                        BudgetStatus.newBuilder(status()).setHard(true).build());
        assertThat(passes()).isFalse();
    }

    @Test
    void aClosedStatusIsNone() {
        define("10");
        count(defined.get("b1"), List.of(event(50, "x", Map.of())));
        budgets.statuses()
                .put(
                        "b1|2026-11-01T00:00:00Z",
                        BudgetStatus.newBuilder(status()).setClosed(true).build());
        assertThat(budgets.statuses().size()).isZero();
    }

    @Test
    void whatAnEarlierRunLeftIsSpentUntilItIsCountedOrAWhileAfterItWasSent() {
        AtomicBoolean sent = new AtomicBoolean();
        UsageEvent before = event(50, "earlier", Map.of());
        UsageEvent left = event(7, "earlier", Map.of());
        UsageEvent leftToo = event(3, "earlier", Map.of());
        define("1");
        count(defined.get("b1"), List.of(before));
        caps.expectLeftovers(sent::get);
        caps.leftOver(left);
        caps.leftOver(leftToo);
        assertSpent(60);
        count(defined.get("b1"), List.of(before, left));
        assertSpent(60);
        sent.set(true);
        assertSpent(60);
        now = now.plus(Duration.ofSeconds(61));
        assertSpent(57);
    }

    @Test
    void aReservationEndsOnceAndAnAbandonedOneCountsAsSpent() {
        define("100");
        TenantBudgets its = budgets.of("acme");
        Reservation settled = reserve(its, 10);
        Reservation abandoned = reserve(its, 10);
        assertThat(its.reservedUsd()).isEqualByComparingTo("20");
        its.settle(settled, event(1, "", Map.of()), BigDecimal.ONE);
        its.abandon(settled, now);
        its.abandon(abandoned, now);
        assertThat(its.reservedUsd()).isEqualByComparingTo("0");
        assertSpent(11);
    }

    @Test
    void aCallWithoutAKnownCostCountsAsReservedOrAsItCostInTheEnd() {
        define("100");
        Reservation reservation = reserve(budgets.of("acme"), 10);
        UsageEvent unpriced =
                UsageEvent.newBuilder(event(1, "", Map.of())).setCostUsd(null).build();
        caps.settle(reservation, unpriced);
        assertSpent(10);
        count(defined.get("b1"), List.of(event(0, unpriced.getGatewayRun(), Map.of())));
        assertSpent(10);
        count(defined.get("b1"), List.of(event(12, unpriced.getGatewayRun(), Map.of())));
        assertSpent(12);
    }

    private Reservation reserve(TenantBudgets its, long usd) {
        Attribution attribution = new Attribution("acme", "k", Map.of(), Set.of(), null, null);
        Asked asked = new Asked(attribution, true, "p", null, Operation.CHAT, "m", false, () -> null);
        WorstCase worst = new WorstCase(BigDecimal.valueOf(usd), 0);
        return ((TenantBudgets.Decision.Passed) its.decide(asked, worst, now, true)).reservation();
    }

    @Test
    void ofManyBudgetsOnlyThoseThatACallConcernsAreLookedAt() {
        for (int i = 0; i < 500; i++) {
            define(definition("0")
                    .setBudgetId("k" + i)
                    .setDimensions(Map.of("api_key_id", "key-" + i))
                    .build());
        }
        define(definition("0")
                .setBudgetId("team")
                .setDimensions(Map.of("tag.team", "growth", "provider", "p"))
                .build());
        assertThat(passes()).isTrue();
        assertThat(passes(Map.of("team", "growth"))).isFalse();
        define(definition("0")
                .setBudgetId("mine")
                .setDimensions(Map.of("api_key_id", "k"))
                .build());
        assertThat(passes()).isFalse();
    }

    @Test
    void anEstimateTakesTheLargestLimitTimesTheChoicesOrTheDefault() {
        assertThat(estimate("{\"model\":\"m\"}", Operation.CHAT)).isEqualTo(new RequestEstimate("m", 8, 4096));
        assertThat(estimate("{\"max_tokens\":10,\"max_completion_tokens\":30,\"n\":3}", Operation.CHAT)
                        .outputTokens())
                .isEqualTo(90);
        assertThat(estimate("{\"max_output_tokens\":1e99}", Operation.RESPONSES).outputTokens())
                .isEqualTo(1_000_000_000);
        assertThat(estimate("{\"max_tokens\":\"7\"}", Operation.MESSAGES).outputTokens())
                .isEqualTo(4096);
        assertThat(estimate("{\"input\":\"x\"}", Operation.EMBEDDINGS).outputTokens())
                .isZero();
        assertThat(estimate("not json", Operation.CHAT).model()).isNull();
    }

    private static RequestEstimate estimate(String body, Operation operation) {
        return RequestEstimate.of(body.getBytes(StandardCharsets.UTF_8), operation, 4096);
    }
}
