package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.pricing.Pricer;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import io.micrometer.core.instrument.MeterRegistry;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a tenant's budgets allow a call, and keeps account of calls in flight. What is spent of a budget is taken
 * to be what the aggregator has counted, plus what this run of this gateway has settled and the aggregator has not counted
 * yet (known exactly, see {@link PeriodSums}), plus what earlier runs left in the outbox, plus what is reserved for calls in
 * flight. So on one gateway a hard budget is passed by no more than what calls in flight use beyond their reservations:
 * nothing, where the estimate of {@link RequestEstimate} holds. Not known here is what other gateways have settled and the
 * aggregator has not counted yet. Safe for use by several event loops; memory grows with the number of budgets.
 */
public final class Caps {
    /**
     * Providers' own status for an account that is used up (Anthropic's billing_error, DeepSeek, OpenRouter). SDKs and
     * frameworks that retry 429 on their own, whatever the headers say, leave it alone.
     */
    private static final int PAYMENT_REQUIRED = 402;

    private static final Logger LOG = LoggerFactory.getLogger(Caps.class);

    private final CapConfig config;
    private final BudgetDirectory budgets;
    private final Pricer pricer;
    private final UnknownCost unknown;
    private final Clock clock;
    private final CapMetrics metrics;
    private volatile Leftovers leftovers;

    public Caps(CapConfig config, BudgetDirectory budgets, Pricer pricer, MeterRegistry meters, Clock clock) {
        this.config = config;
        this.budgets = budgets;
        this.pricer = pricer;
        this.unknown = new UnknownCost(pricer);
        this.clock = clock;
        this.leftovers = Leftovers.none(clock);
        this.metrics = new CapMetrics(meters, this::reserved, this::unconfirmed);
    }

    /** What stands in an event as its {@code gateway_run} until it is settled. */
    public String run() {
        return budgets.runs().name(Runs.FIRST);
    }

    /** Whether the verdict on the tenant's calls depends on what they ask for. */
    public boolean readsRequests(String tenant) {
        TenantBudgets its = budgets.of(tenant);
        return its != null && !its.isEmpty() && its.readsRequests();
    }

    /** Whether a hard budget may concern a call. */
    public boolean mayHoldBack(Asked asked) {
        TenantBudgets its = budgets.of(asked.tenant());
        return its != null && its.mayHoldBack(asked);
    }

    /** Decides on a billed call; one that passes is to be settled. */
    public Verdict judge(Asked asked) {
        if (!budgets.isCaughtUp() && mustWait(asked)) {
            metrics.refused("unknown");
            return new Verdict.Refused(
                    503, "budgets_not_loaded", "The gateway has not read its budgets yet; try again.");
        }
        TenantBudgets its = budgets.of(asked.tenant());
        if (its == null || its.isEmpty()) {
            return new Verdict.Pass(Reservation.none(asked.tenant()), null, null);
        }
        TenantBudgets.Decision decision = decide(its, asked);
        if (decision instanceof TenantBudgets.Decision.Falls falls) {
            Budget budget = falls.budget();
            Verdict.Fallback fallback =
                    new Verdict.Fallback(budget.getFallbackModel(), CapWording.fallback(budget, asked.model()));
            metrics.fell(budget.getBudgetId());
            return verdict(decide(its, asked.withModel(budget.getFallbackModel())), fallback);
        }
        return verdict(decision, null);
    }

    private TenantBudgets.Decision decide(TenantBudgets its, Asked asked) {
        return its.decide(asked, worstCase(its, asked), clock.instant(), leftovers.count());
    }

    private Verdict verdict(TenantBudgets.Decision decision, Verdict.Fallback fallback) {
        if (decision instanceof TenantBudgets.Decision.Passed passed) {
            return new Verdict.Pass(passed.reservation(), CapWording.warning(passed.usedUp()), fallback);
        }
        TenantBudgets.Decision.Refused refused = (TenantBudgets.Decision.Refused) decision;
        metrics.refused(refused.standing().budget().getBudgetId());
        return new Verdict.Refused(
                PAYMENT_REQUIRED, "budget_exceeded", CapWording.refusal(refused.standing(), refused.needed()));
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

    private WorstCase worstCase(TenantBudgets its, Asked asked) {
        if (!its.readsRequests()) {
            return WorstCase.UNKNOWN;
        }
        byte[] body = asked.body().get();
        if (body == null) {
            metrics.unpriced();
            return WorstCase.UNKNOWN;
        }
        RequestEstimate estimate = RequestEstimate.of(body, asked.operation(), config.defaultOutputTokens());
        BigDecimal usd = asked.model() == null ? null : cost(asked, estimate);
        if (usd == null) {
            metrics.unpriced();
        }
        return new WorstCase(usd, estimate.inputTokens() + estimate.outputTokens());
    }

    private BigDecimal cost(Asked asked, RequestEstimate estimate) {
        try {
            return pricer.priceFresh(WorstEvent.of(asked, estimate, clock.instant()))
                    .getCostUsd();
        } catch (RuntimeException e) {
            LOG.error("the worst case of a call to {} {} could not be priced", asked.provider(), asked.model(), e);
            return null;
        }
    }

    /**
     * Ends a call's reservation and takes note of what it used; to be called before its event goes anywhere. Sets the
     * event's {@code gateway_run}. A call whose cost is not known counts what it {@link UnknownCost at least} cost until
     * the period ends, or more when a correction says so, for that is counted under the same run.
     */
    public void settle(Reservation reservation, UsageEvent event) {
        TenantBudgets its = budgets.of(event.getTenant());
        if (its == null) {
            return;
        }
        BigDecimal usd = event.getCostUsd() == null ? unknown.atLeast(reservation.usd(), event) : event.getCostUsd();
        boolean nothing = usd.signum() == 0 && TokenKind.total(event) == 0;
        if (!(nothing && reservation.isNone())) {
            its.settle(reservation, event, usd);
        }
    }

    /** Ends the reservation of a call whose cost budgets hear of elsewhere. */
    public void release(Reservation reservation) {
        if (!reservation.isNone()) {
            budgets.of(reservation.tenant()).forgo(reservation);
        }
    }

    /** Ends the reservation of a call of which no event could be made: it counts as spent, as it may have been. */
    public void abandon(Reservation reservation) {
        if (!reservation.isNone()) {
            budgets.of(reservation.tenant()).abandon(reservation, clock.instant());
        }
    }

    /** Tells that earlier runs left events; each is to be given to {@link #leftOver}. */
    public void expectLeftovers(BooleanSupplier areSent) {
        leftovers = new Leftovers(clock, areSent);
    }

    /** Takes the event of an earlier run that is still in the outbox; once budgets and their spend have been read. */
    public void leftOver(UsageEvent event) {
        TenantBudgets its = budgets.of(event.getTenant());
        if (its != null) {
            its.leftOver(event, clock.instant());
        }
    }

    private BigDecimal reserved() {
        return budgets.all().stream().map(TenantBudgets::reservedUsd).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private BigDecimal unconfirmed() {
        boolean withLeftovers = leftovers.count();
        return budgets.all().stream()
                .map(its -> its.unconfirmedUsd(clock.instant(), withLeftovers))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }
}
