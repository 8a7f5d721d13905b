package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.budget.BudgetDimensions;
import dev.tokenmeter.schemas.budget.ModelName;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A tenant's budgets and the account that this gateway keeps of them. Everything that must happen at once happens under one
 * lock, held for a few additions for each budget that a call concerns. Thread-safe.
 */
final class TenantBudgets {
    private static final int RUN =
            UsageEvent.getClassSchema().getField("gateway_run").pos();

    private final String tenant;
    private final Runs runs;
    private final Function<String, BudgetStatus> statuses;
    private final Map<String, BudgetAccount> accounts = new HashMap<>();
    private BudgetIndex index = BudgetIndex.EMPTY;
    private boolean indexed = true;
    private int generation = Runs.FIRST + 1;
    private boolean generationUsed;
    private BigDecimal reservedUsd = BigDecimal.ZERO;
    private volatile int size;

    TenantBudgets(String tenant, Runs runs, Function<String, BudgetStatus> statuses) {
        this.tenant = tenant;
        this.runs = runs;
        this.statuses = statuses;
    }

    boolean isEmpty() {
        return size == 0;
    }

    synchronized void define(Budget budget) {
        BudgetAccount known = accounts.get(budget.getBudgetId());
        if (known == null || !known.redefine(budget)) {
            if (generationUsed) {
                generation++;
                generationUsed = false;
            }
            accounts.put(budget.getBudgetId(), new BudgetAccount(budget, runs, generation, statuses));
        }
        changed();
    }

    synchronized void remove(String id) {
        accounts.remove(id);
        changed();
    }

    /** Takes note of the latest status at once: the next may leave out runs that it names. */
    synchronized void learn(String id, Instant now) {
        BudgetAccount account = accounts.get(id);
        if (account != null) {
            account.learn(now);
        }
    }

    private void changed() {
        indexed = false; // many definitions make one index
        size = accounts.size();
    }

    private BudgetIndex index() {
        if (!indexed) {
            index = BudgetIndex.of(accounts.values());
            indexed = true;
        }
        return index;
    }

    synchronized boolean readsRequests() {
        return index().readsRequests();
    }

    /** Whether a hard budget may concern a call. */
    synchronized boolean mayHoldBack(Asked asked) {
        return !index().find(
                        asked::valueOf,
                        asked.isModelUnknown(),
                        account -> account.budget().getHard() && asked.mayConcern(account.scope()))
                .isEmpty();
    }

    /** What became of a call. */
    sealed interface Decision {
        /** @param usedUp soft budgets that are */
        record Passed(Reservation reservation, List<Standing> usedUp) implements Decision {}

        /** @param needed by the call, in the budget's unit */
        record Refused(Standing standing, BigDecimal needed) implements Decision {}

        /** It would pass a budget that names a cheaper model; nothing is set aside. */
        record Falls(Budget budget) implements Decision {}
    }

    /** Sets the worst case aside in every budget that the call may concern, unless a hard one is in the way. */
    synchronized Decision decide(Asked asked, WorstCase worst, Instant now, boolean withLeftovers) {
        List<BudgetAccount> concerned =
                index().find(asked::valueOf, asked.isModelUnknown(), account -> asked.mayConcern(account.scope()));
        List<Standing> usedUp = new ArrayList<>();
        List<Reservation.Hold> holds = new ArrayList<>(concerned.size());
        Budget falls = null;
        for (BudgetAccount account : concerned) {
            Standing standing = account.standing(now, withLeftovers);
            BigDecimal needed = account.unit().of(worst);
            boolean hard = standing.budget().getHard();
            if (standing.wouldBePassedBy(needed)) {
                boolean may = mayFall(asked, standing.budget());
                if (hard && (standing.isExhausted() || !may)) {
                    return new Decision.Refused(standing, needed);
                }
                falls = may ? standing.budget() : falls;
            }
            if (!hard && standing.isUsedUp()) {
                usedUp.add(standing);
            }
            holds.add(new Reservation.Hold(account, needed));
        }
        return falls == null ? pass(holds, worst, usedUp) : new Decision.Falls(falls);
    }

    private static boolean mayFall(Asked asked, Budget budget) {
        String model = budget.getFallbackModel();
        return model != null
                && asked.modelInBody()
                && asked.model() != null
                && !ModelName.includes(model, asked.model());
    }

    private Decision pass(List<Reservation.Hold> holds, WorstCase worst, List<Standing> usedUp) {
        holds.forEach(hold -> hold.account().reserve(hold.amount()));
        BigDecimal usd = holds.isEmpty() ? BigDecimal.ZERO : Unit.USD.of(worst);
        reservedUsd = reservedUsd.add(usd);
        return new Decision.Passed(new Reservation(tenant, usd, holds), usedUp);
    }

    /**
     * Puts what a call used in the place of what was set aside for it, and names in its event the run under which that is
     * known. To be called before the event can be counted by anyone, so that what is settled is never less than what a
     * status holds of it.
     *
     * @param usd what it cost, or is taken to have cost
     */
    synchronized void settle(Reservation reservation, UsageEvent event, BigDecimal usd) {
        release(reservation);
        event.put(RUN, runs.name(generation));
        generationUsed = true;
        for (BudgetAccount account : covering(event)) {
            account.settle(account.unit() == Unit.USD ? usd : account.unit().of(event), event.getOccurredAt());
        }
    }

    /** Gives back what was set aside. */
    synchronized void forgo(Reservation reservation) {
        release(reservation);
    }

    /** Takes what was set aside, unless it was settled, for spent. */
    synchronized void abandon(Reservation reservation, Instant at) {
        for (Reservation.Hold hold : release(reservation)) {
            hold.account().settle(hold.amount(), at);
        }
    }

    /** Takes the event of an earlier run that is still on its way. */
    synchronized void leftOver(UsageEvent event, Instant now) {
        for (BudgetAccount account : covering(event)) {
            account.leftOver(event.getGatewayRun(), account.unit().of(event), event.getOccurredAt(), now);
        }
    }

    private List<BudgetAccount> covering(UsageEvent event) {
        UnaryOperator<String> values = dimension -> BudgetDimensions.valueOf(event, dimension);
        return index().find(values, false, account -> account.scope().covers(values));
    }

    private List<Reservation.Hold> release(Reservation reservation) {
        List<Reservation.Hold> holds = reservation.release();
        if (!holds.isEmpty()) {
            holds.forEach(hold -> hold.account().release(hold.amount()));
            reservedUsd = reservedUsd.subtract(reservation.usd());
        }
        return holds;
    }

    /** Where each budget stands, by id; leftovers included. */
    synchronized Map<String, Standing> standings(Instant now) {
        Map<String, Standing> standings = new HashMap<>();
        accounts.forEach((id, account) -> standings.put(id, account.standing(now, true)));
        return standings;
    }

    synchronized BigDecimal reservedUsd() {
        return reservedUsd;
    }

    /** Of the budget in USD that lacks most. */
    synchronized BigDecimal unconfirmedUsd(Instant now, boolean withLeftovers) {
        return accounts.values().stream()
                .filter(account -> account.unit() == Unit.USD)
                .map(account -> account.unconfirmed(now, withLeftovers))
                .reduce(BigDecimal.ZERO, BigDecimal::max);
    }
}
