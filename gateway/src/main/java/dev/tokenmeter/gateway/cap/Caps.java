package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.pricing.Pricer;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a tenant's budgets allow a call, and keeps account of calls in flight. What is spent of a budget is taken
 * to be what the aggregator has counted, plus what this run of this gateway has settled and the aggregator has not counted
 * yet (known exactly, see {@link TenantLedger}), plus what is reserved for calls in flight. So on one gateway a hard budget
 * is passed by no more than what calls in flight cost beyond their reservations: nothing, where the estimate of
 * {@link RequestEstimate} holds. Not known here is what other gateways, and earlier runs of this one, have reported and
 * the aggregator has not counted yet. Safe for use by several event loops; memory grows with the number of tenants.
 */
public final class Caps {
    /**
     * What a verdict depends on.
     *
     * @param tenant who pays
     * @param virtual whether the call came with a key of the gateway's own
     * @param body gives the request; null when it was not read
     */
    public record Asked(String tenant, boolean virtual, String provider, Operation operation, Supplier<byte[]> body) {}

    /**
     * Providers' own status for an account that is used up (Anthropic's billing_error, DeepSeek, OpenRouter). SDKs and
     * frameworks that retry 429 on their own, whatever the headers say, leave it alone.
     */
    private static final int PAYMENT_REQUIRED = 402;

    private static final UUID NO_ID = new UUID(0, 0);

    private static final Logger LOG = LoggerFactory.getLogger(Caps.class);

    private final CapConfig config;
    private final BudgetDirectory budgets;
    private final Pricer pricer;
    private final Clock clock;
    private final CapMetrics metrics;
    private final String run = UUID.randomUUID().toString();
    private final Map<String, TenantLedger> ledgers = new ConcurrentHashMap<>();
    private volatile Month month;

    public Caps(CapConfig config, BudgetDirectory budgets, Pricer pricer, MeterRegistry meters, Clock clock) {
        this.config = config;
        this.budgets = budgets;
        this.pricer = pricer;
        this.clock = clock;
        this.month = Month.around(clock.instant());
        this.metrics = new CapMetrics(meters, this::reserved, this::unconfirmed);
    }

    /** Id of this run, to stand in each event ({@code gateway_run}). */
    public String run() {
        return run;
    }

    /** Whether the verdict on the tenant's calls depends on what they ask for. */
    public boolean readsRequests(String tenant) {
        return budgets.hasHardBudget(tenant);
    }

    /** Decides on a billed call; one that passes is to be settled. */
    public Verdict judge(Asked asked) {
        if (!budgets.isCaughtUp() && mustWait(asked)) {
            metrics.refused("unknown");
            return new Verdict.Refused(
                    503, "budgets_not_loaded", "The gateway has not read its budgets yet; try again.");
        }
        if (!budgets.hasBudgets(asked.tenant())) {
            return new Verdict.Pass(Reservation.none(asked.tenant()), null);
        }
        Month now = month();
        List<Spending> spendings = budgets.spendings(asked.tenant(), now, run);
        TenantLedger ledger = ledger(asked.tenant());
        Reservation reservation = new Reservation(asked.tenant(), worstCase(asked));
        Optional<TenantLedger.Refusal> refusal = ledger.reserve(reservation, spendings, now);
        if (refusal.isPresent()) {
            metrics.refused(refusal.get().budget().id());
            return refused(refusal.get(), now);
        }
        return new Verdict.Pass(reservation, CapWording.warning(spendings, ledger.settledIn(now)));
    }

    private static Verdict refused(TenantLedger.Refusal refusal, Month month) {
        return new Verdict.Refused(PAYMENT_REQUIRED, "budget_exceeded", CapWording.refusal(refusal, month.end()));
    }

    private boolean mustWait(Asked asked) {
        return switch (config.whenUnknown()) {
            case WAIT -> asked.virtual();
            case OPEN -> false;
            case CLOSED -> true;
        };
    }

    /** The tokens that a request may use at most, input and output, by the same estimate as its worst case. */
    public long worstTokens(byte[] request, Operation operation) {
        RequestEstimate estimate = RequestEstimate.of(request, operation, config.defaultOutputTokens());
        return estimate.inputTokens() + estimate.outputTokens();
    }

    /** What to set aside, USD; zero where no hard budget asks for it or no price is known. */
    private BigDecimal worstCase(Asked asked) {
        if (!readsRequests(asked.tenant())) {
            return Money.ZERO;
        }
        BigDecimal cost = cost(asked);
        if (cost == null) {
            metrics.unpriced();
            return Money.ZERO;
        }
        return cost;
    }

    private BigDecimal cost(Asked asked) {
        byte[] body = asked.body().get();
        if (body == null) {
            return null;
        }
        RequestEstimate estimate = RequestEstimate.of(body, asked.operation(), config.defaultOutputTokens());
        if (estimate.model() == null) {
            return null;
        }
        return cost(UsageEvent.newBuilder()
                .setEventId(NO_ID)
                .setOccurredAt(clock.instant())
                .setGatewayId("")
                .setTenant(asked.tenant())
                .setApiKeyId("")
                .setProvider(asked.provider())
                .setModel(estimate.model())
                .setOperation(asked.operation().label())
                .setUsageSource(UsageSource.estimated)
                .setUncachedInputTokens(estimate.inputTokens())
                .setTextOutputTokens(estimate.outputTokens())
                .build());
    }

    private BigDecimal cost(UsageEvent worst) {
        try {
            return pricer.price(worst).getCostUsd();
        } catch (RuntimeException e) {
            LOG.error(
                    "the worst case of a call to {} {} could not be priced", worst.getProvider(), worst.getModel(), e);
            return null;
        }
    }

    /** Ends a call's reservation and takes note of its cost; to be called before its event goes anywhere. */
    public void settle(Reservation reservation, UsageEvent event) {
        BigDecimal cost = event.getCostUsd() == null ? Money.ZERO : event.getCostUsd();
        if (cost.signum() != 0 || reservation.usd().signum() != 0) {
            ledger(reservation.tenant()).settle(reservation, cost, event.getOccurredAt());
        }
    }

    /** Ends the reservation of a call of which no event could be made: it counts as spent, as it may have been. */
    public void abandon(Reservation reservation) {
        if (reservation.usd().signum() != 0) {
            ledger(reservation.tenant()).abandon(reservation, clock.instant());
        }
    }

    private TenantLedger ledger(String tenant) {
        return ledgers.computeIfAbsent(tenant, name -> new TenantLedger());
    }

    private Month month() {
        Month known = month;
        if (!known.contains(clock.instant())) {
            known = Month.around(clock.instant());
            month = known;
        }
        return known;
    }

    private BigDecimal reserved() {
        return ledgers.values().stream().map(TenantLedger::reserved).reduce(Money.ZERO, BigDecimal::add);
    }

    private BigDecimal unconfirmed() {
        Month now = month();
        BigDecimal sum = Money.ZERO;
        for (String tenant : budgets.tenants()) {
            TenantLedger ledger = ledgers.get(tenant);
            List<Spending> spendings = ledger == null ? List.of() : budgets.spendings(tenant, now, run);
            if (!spendings.isEmpty()) {
                sum = sum.add(spendings.get(0).unconfirmed(ledger.settledIn(now)));
            }
        }
        return sum;
    }
}
