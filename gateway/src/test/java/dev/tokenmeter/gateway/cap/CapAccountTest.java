package dev.tokenmeter.gateway.cap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.UsageEvent;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
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
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };
    private final BudgetDirectory budgets = new BudgetDirectory(clock);
    private final Caps caps = new Caps(
            new CapConfig(4096, CapConfig.WhenUnknown.OPEN), budgets, e -> e, new SimpleMeterRegistry(), clock);

    private void define(String limit) {
        budgets.definitions().put("b1", definition(limit).build());
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

    private void status(long spent, Map<String, Long> byRun, long revision) {
        Map<String, BigDecimal> usdByRun = new java.util.HashMap<>();
        byRun.forEach((run, usd) -> usdByRun.put(run, BigDecimal.valueOf(usd)));
        Month month = Month.around(now);
        budgets.statuses()
                .put(
                        "b1|" + month.start(),
                        BudgetStatus.newBuilder()
                                .setBudgetId("b1")
                                .setTenant("acme")
                                .setName("b")
                                .setPeriodStart(month.start())
                                .setPeriodEnd(month.end())
                                .setSpentUsd(BigDecimal.valueOf(spent))
                                .setSpentByGatewayRun(usdByRun)
                                .setLimitUsd(BigDecimal.ONE)
                                .setRevision(revision)
                                .setUpdatedAt(now)
                                .build());
    }

    private void settle(long usd) {
        caps.settle(
                Reservation.none("acme"),
                UsageEvent.newBuilder()
                        .setEventId(UUID.randomUUID())
                        .setOccurredAt(now)
                        .setGatewayId("g")
                        .setTenant("acme")
                        .setApiKeyId("k")
                        .setProvider("p")
                        .setModel("m")
                        .setOperation("chat")
                        .setCostUsd(BigDecimal.valueOf(usd))
                        .build());
    }

    private boolean passes() {
        return caps.judge(new Caps.Asked("acme", true, "p", Operation.CHAT, () -> null)) instanceof Verdict.Pass;
    }

    /** The limit is met exactly at the true spend. */
    private void assertSpent(long usd) {
        define(Long.toString(usd));
        assertThat(passes()).as("limit at the spend").isFalse();
        define(Long.toString(usd + 1));
        assertThat(passes()).as("limit above the spend").isTrue();
    }

    @Test
    void whateverPartOfItsEventsIsCountedInWhateverOrderNoneCountsTwiceOrIsLeftOut() {
        Random random = new Random(7);
        List<Long> uncounted = new ArrayList<>();
        long own = 0;
        long counted = 0;
        long others = 0;
        for (int step = 1; step <= 500; step++) {
            if (random.nextInt(3) > 0) {
                long usd = 1 + random.nextInt(100);
                settle(usd);
                uncounted.add(usd);
                own += usd;
            } else {
                Collections.shuffle(uncounted, random);
                for (int i = random.nextInt(uncounted.size() + 1); i > 0; i--) {
                    counted += uncounted.remove(0);
                }
                others += random.nextInt(50);
                status(others + counted, Map.of(caps.run(), counted, "another", others), step);
            }
            assertSpent(own + others);
        }
    }

    @Test
    void anOlderStatusThatComesAgainChangesNothing() {
        status(50, Map.of(), 2);
        status(10, Map.of(), 1);
        assertSpent(50);
    }

    @Test
    void aNewMonthBeginsAtNothingAlsoBeforeItsStatusComes() {
        status(50, Map.of(), 1);
        settle(5);
        assertSpent(55);
        now = DECEMBER;
        settle(3);
        assertSpent(3);
        assertThat(budgets.statuses().size()).isOne();
        status(7, Map.of(caps.run(), 2L), 2);
        assertSpent(8);
        assertThat(budgets.statuses().size()).isOne();
    }

    @Test
    void aRemovedBudgetHoldsNothingBackAndADefinitionThatTheAggregatorRefusesKeepsTheTermsOfTheStatus() {
        define("10");
        status(50, Map.of(), 1);
        assertThat(passes()).isFalse();
        budgets.definitions().put("b1", definition("1000").setPeriod("week").build());
        assertThat(passes()).as("the status says soft, so it passes").isTrue();
        define("10");
        assertThat(passes()).isFalse();
        budgets.definitions().remove("b1");
        assertThat(passes()).isTrue();
        assertThat(budgets.definitions().size()).isZero();
    }

    @Test
    void aReservationEndsOnceAndAnAbandonedOneCountsAsSpent() {
        TenantLedger ledger = new TenantLedger();
        Month month = Month.around(now);
        Reservation settled = new Reservation("acme", BigDecimal.TEN);
        Reservation abandoned = new Reservation("acme", BigDecimal.TEN);
        ledger.reserve(settled, List.of(), month);
        ledger.reserve(abandoned, List.of(), month);
        assertThat(ledger.reserved()).isEqualByComparingTo("20");
        ledger.settle(settled, BigDecimal.ONE, now);
        ledger.abandon(settled, now);
        ledger.abandon(abandoned, now);
        assertThat(ledger.reserved()).isEqualByComparingTo("0");
        assertThat(ledger.settledIn(month)).isEqualByComparingTo("11");
    }

    @Test
    void anEstimateTakesTheLargestLimitTimesTheChoicesOrTheDefault() {
        assertThat(estimate("{\"model\":\"m\"}", Operation.CHAT)).isEqualTo(new RequestEstimate("m", 4, 4096));
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
