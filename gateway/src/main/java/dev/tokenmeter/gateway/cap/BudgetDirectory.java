package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.budget.BudgetDimensions;
import dev.tokenmeter.schemas.budget.BudgetRules;
import dev.tokenmeter.service.topics.CatchingUpView;
import dev.tokenmeter.service.topics.CompactedView;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The budgets of all tenants and what is said to be spent of them. A definition that cannot be kept to is refused here as
 * by the aggregator: the one before stays in force, which after a restart is known from its status. Each view is written by
 * one thread; all is read by event loops.
 */
public final class BudgetDirectory {
    private final Clock clock;
    private final BudgetDimensions dimensions;
    private final Runs runs = new Runs(UUID.randomUUID().toString());
    private final Map<String, TenantBudgets> tenants = new ConcurrentHashMap<>();
    private final Definitions definitions = new Definitions();
    private final Statuses statuses = new Statuses();
    private volatile boolean leftoversRead;

    /** With the dimensions that budgets have without any setting. */
    public BudgetDirectory(Clock clock) {
        this(clock, BudgetDimensions.DEFAULT);
    }

    /** @param dimensions those that budgets may name */
    public BudgetDirectory(Clock clock, BudgetDimensions dimensions) {
        this.clock = clock;
        this.dimensions = dimensions;
    }

    /** For the follower of {@code llm.budgets.v1}. */
    public CompactedView<Budget> definitions() {
        return definitions;
    }

    /** For the follower of {@code llm.budget-status.v1}. */
    public CompactedView<BudgetStatus> statuses() {
        return statuses;
    }

    /** Whether budgets and spend written before the start have been read. */
    public boolean areTopicsRead() {
        return definitions.isCaughtUp() && statuses.isCaughtUp();
    }

    /** To be called when what an earlier run left is known, or will not be. */
    public void markLeftoversRead() {
        leftoversRead = true;
    }

    /** Whether all is known that can be known at a start. */
    public boolean isCaughtUp() {
        return leftoversRead && areTopicsRead();
    }

    Runs runs() {
        return runs;
    }

    /** Null for a tenant that has never had a budget. */
    TenantBudgets of(String tenant) {
        return tenants.get(tenant);
    }

    Collection<TenantBudgets> all() {
        return tenants.values();
    }

    private void define(Budget budget) {
        tenants.computeIfAbsent(budget.getTenant(), tenant -> new TenantBudgets(tenant, runs, statuses.byKey::get))
                .define(budget);
    }

    /** The terms of the definition that the aggregator goes by. */
    private static Budget termsOf(BudgetStatus status) {
        return Budget.newBuilder()
                .setBudgetId(status.getBudgetId())
                .setTenant(status.getTenant())
                .setName(status.getName())
                .setDimensions(status.getDimensions())
                .setAmountUsd(status.getLimitUsd().subtract(status.getCarriedOverUsd()))
                .setAmountTokens(
                        status.getLimitTokens() == null
                                ? null
                                : (Long) (status.getLimitTokens() - status.getCarriedOverTokens()))
                .setRollOverPercent(isCarriedOver(status) ? 100 : 0)
                .setPeriod(status.getPeriod())
                .setTimeZone(status.getTimeZone())
                .setHard(status.getHard())
                .setFallbackModel(status.getFallbackModel())
                .setUpdatedAt(status.getUpdatedAt())
                .build();
    }

    private static boolean isCarriedOver(BudgetStatus status) {
        return status.getCarriedOverUsd().signum() > 0 || status.getCarriedOverTokens() > 0;
    }

    private final class Definitions extends CatchingUpView<Budget> {
        private final Map<String, String> tenantById = new ConcurrentHashMap<>();
        /** Ids of definitions that are refused and of which none was in force before. */
        private final Map<String, String> refused = new ConcurrentHashMap<>();

        @Override
        public void put(String id, Budget budget) {
            String before = tenantById.get(id);
            boolean valid = budget.getBudgetId().equals(id)
                    && (before == null || before.equals(budget.getTenant()))
                    && BudgetRules.problem(budget, dimensions) == null;
            if (valid) {
                tenantById.put(id, budget.getTenant());
                refused.remove(id);
                define(budget);
            } else if (before == null) {
                refused.put(id, budget.getTenant());
                statuses.byKey.values().stream()
                        .filter(status -> status.getBudgetId().equals(id))
                        .forEach(this::takeTermsOf);
            }
        }

        void takeTermsOf(BudgetStatus status) {
            if (refused.remove(status.getBudgetId(), status.getTenant())) {
                tenantById.put(status.getBudgetId(), status.getTenant());
                define(termsOf(status));
            }
        }

        @Override
        public void remove(String id) {
            refused.remove(id);
            String tenant = tenantById.remove(id);
            if (tenant != null) {
                tenants.get(tenant).remove(id);
            }
        }

        @Override
        public int size() {
            return tenantById.size();
        }
    }

    private final class Statuses extends CatchingUpView<BudgetStatus> {
        private final Map<String, BudgetStatus> byKey = new ConcurrentHashMap<>();
        private Instant nextSweep = Instant.MIN;

        @Override
        public void put(String key, BudgetStatus status) {
            sweep();
            if (status.getClosed()) {
                byKey.remove(key);
            } else if (!isOver(status)) {
                byKey.merge(key, status, (old, now) -> now.getRevision() >= old.getRevision() ? now : old);
                definitions.takeTermsOf(status);
                TenantBudgets its = tenants.get(status.getTenant());
                if (its != null) {
                    its.learn(status.getBudgetId(), clock.instant());
                }
            }
        }

        /** Periods end at any quarter of an hour. */
        private void sweep() {
            Instant now = clock.instant();
            if (!now.isBefore(nextSweep)) {
                nextSweep = now.plusSeconds(60);
                byKey.values().removeIf(this::isOver);
            }
        }

        private boolean isOver(BudgetStatus status) {
            return !status.getPeriodEnd().isAfter(clock.instant());
        }

        @Override
        public void remove(String key) {
            byKey.remove(key);
        }

        @Override
        public int size() {
            return byKey.size();
        }
    }
}
