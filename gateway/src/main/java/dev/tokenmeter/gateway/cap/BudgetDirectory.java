package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.service.topics.CompactedView;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The budgets and what is spent of them. A budget is in force from its definition to its removal, and by its definition's
 * terms; one that the aggregator does not apply either (see its gate) keeps the terms of its status. Each view is written by
 * one thread; all is read by event loops without locks.
 */
public final class BudgetDirectory {
    private final Clock clock;
    private final Definitions definitions = new Definitions();
    private final Statuses statuses = new Statuses();

    public BudgetDirectory(Clock clock) {
        this.clock = clock;
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
    public boolean isCaughtUp() {
        return definitions.isCaughtUp() && statuses.isCaughtUp();
    }

    boolean hasBudgets(String tenant) {
        return definitions.byTenant.containsKey(tenant);
    }

    boolean hasHardBudget(String tenant) {
        return definitions.of(tenant).stream()
                .anyMatch(definition -> definition.budget.getHard() || !definition.usable);
    }

    /** The tenants that have budgets. */
    Iterable<String> tenants() {
        return definitions.byTenant.keySet();
    }

    /** The tenant's budgets in a month; the run is whose own part is to be told. */
    List<Spending> spendings(String tenant, Month month, String run) {
        List<Spending> spendings = new ArrayList<>();
        for (Definition definition : definitions.of(tenant)) {
            BudgetStatus status = statuses.byKey.get(definition.budget.getBudgetId() + "|" + month.start());
            if (definition.usable || status != null) {
                spendings.add(spending(definition, status, run));
            }
        }
        return spendings;
    }

    private static Spending spending(Definition definition, BudgetStatus status, String run) {
        boolean usable = definition.usable;
        Budget budget = definition.budget;
        return new Spending(
                budget.getBudgetId(),
                usable ? budget.getName() : status.getName(),
                usable ? budget.getHard() : status.getHard(),
                usable ? budget.getAmountUsd() : status.getLimitUsd(),
                status == null ? Money.ZERO : status.getSpentUsd(),
                status == null ? Money.ZERO : status.getSpentByGatewayRun().getOrDefault(run, Money.ZERO));
    }

    private static boolean isUsable(Budget budget) {
        return budget.getPeriod().equals("month")
                && keepsUtc(budget.getTimeZone())
                && budget.getAmountUsd().signum() >= 0;
    }

    private static boolean keepsUtc(String zone) {
        try {
            ZoneRules rules = ZoneId.of(zone).getRules();
            return rules.isFixedOffset() && rules.getOffset(Instant.EPOCH).equals(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return false;
        }
    }

    /** @param usable whether the aggregator applies it */
    private record Definition(Budget budget, boolean usable) {}

    private static final class Definitions implements CompactedView<Budget> {
        private final Map<String, Map<String, Definition>> byTenant = new ConcurrentHashMap<>();
        private final Map<String, String> tenantById = new ConcurrentHashMap<>();
        private volatile boolean caughtUp;

        Collection<Definition> of(String tenant) {
            return byTenant.getOrDefault(tenant, Map.of()).values();
        }

        @Override
        public void put(String id, Budget budget) {
            String before = tenantById.get(id);
            boolean valid = budget.getBudgetId().equals(id) && (before == null || before.equals(budget.getTenant()));
            if (valid) { // otherwise the aggregator refuses it, and the definition before stays in force
                tenantById.put(id, budget.getTenant());
                byTenant.computeIfAbsent(budget.getTenant(), tenant -> new ConcurrentHashMap<>())
                        .put(id, new Definition(budget, isUsable(budget)));
            }
        }

        @Override
        public void remove(String id) {
            String tenant = tenantById.remove(id);
            if (tenant != null) {
                byTenant.computeIfPresent(tenant, (name, budgets) -> {
                    budgets.remove(id);
                    return budgets.isEmpty() ? null : budgets;
                });
            }
        }

        @Override
        public void markCaughtUp() {
            caughtUp = true;
        }

        @Override
        public boolean isCaughtUp() {
            return caughtUp;
        }

        @Override
        public int size() {
            return tenantById.size();
        }
    }

    private final class Statuses implements CompactedView<BudgetStatus> {
        private final Map<String, BudgetStatus> byKey = new ConcurrentHashMap<>();
        private volatile boolean caughtUp;
        private Instant newestPeriod = Instant.MIN;

        @Override
        public void put(String key, BudgetStatus status) {
            if (status.getPeriodStart().isAfter(newestPeriod)) {
                newestPeriod = status.getPeriodStart();
                byKey.values().removeIf(this::isOver);
            }
            if (!isOver(status)) {
                byKey.merge(key, status, (old, now) -> now.getRevision() >= old.getRevision() ? now : old);
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
        public void markCaughtUp() {
            caughtUp = true;
        }

        @Override
        public boolean isCaughtUp() {
            return caughtUp;
        }

        @Override
        public int size() {
            return byKey.size();
        }
    }
}
