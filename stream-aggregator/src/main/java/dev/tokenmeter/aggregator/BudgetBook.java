package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** The budgets of this task's tenants, also in memory, and what was last said about each of their periods. */
final class BudgetBook {
    private static final String BUDGETS = "tenant-budgets";
    private static final String STATUSES = "budget-statuses";

    private final ProcessingContext context;
    private final PeriodSpends spends;
    private final StatusMaker maker;
    private final KeyValueStore<TenantKey, Budget> budgets;
    private final KeyValueStore<TenantKey, BudgetStatus> statuses;
    private final Map<String, Map<String, KnownBudget>> byTenant = new HashMap<>();

    BudgetBook(ProcessingContext context, PeriodSpends spends, StatusMaker maker) {
        this.context = context;
        this.spends = spends;
        this.maker = maker;
        budgets = context.getStateStore(BUDGETS);
        statuses = context.getStateStore(STATUSES);
        try (KeyValueIterator<TenantKey, Budget> all = budgets.all()) {
            all.forEachRemaining(entry -> remember(KnownBudget.of(entry.value)));
        }
    }

    static String[] storeNames() {
        return new String[] {BUDGETS, STATUSES};
    }

    static List<StoreBuilder<?>> stores(Serde<Budget> budgets, Serde<BudgetStatus> statuses) {
        return List.of(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(BUDGETS), TenantKey.serde(), budgets),
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STATUSES), TenantKey.serde(), statuses));
    }

    /** Key of a status in its topic: {@code <budget id>|<start of the period>}. */
    static String topicKey(BudgetStatus status) {
        return status.getBudgetId() + "|" + status.getPeriodStart();
    }

    private void remember(KnownBudget known) {
        byTenant.computeIfAbsent(known.tenant(), tenant -> new HashMap<>())
                .put(known.budget().getBudgetId(), known);
    }

    Collection<KnownBudget> of(String tenant) {
        return byTenant.getOrDefault(tenant, Map.of()).values();
    }

    /** Those that have budgets. */
    Set<String> tenants() {
        return byTenant.keySet();
    }

    Collection<KnownBudget> all() {
        return byTenant.values().stream()
                .flatMap(budgets -> budgets.values().stream())
                .toList();
    }

    /** The budget to which a key belongs that begins with tenant and budget id; null for none. */
    KnownBudget get(TenantKey key) {
        return byTenant.getOrDefault(key.tenant(), Map.of()).get(key.parts().get(1));
    }

    /** Puts a definition in force; returns what becomes of statuses that it makes void. */
    List<BudgetStatus> define(KnownBudget known) {
        KnownBudget before = get(known.key());
        budgets.put(known.key(), known.budget());
        remember(known);
        if (before == null || before.countsAs(known)) {
            return List.of();
        }
        spends.forget(known.key());
        Instant now = now();
        Instant running = known.period().around(now).start();
        return close(
                known.key(),
                status -> status.getPeriodEnd().isAfter(now)
                        && !status.getPeriodStart().equals(running));
    }

    /** Forgets a budget; returns the last statuses of its periods. */
    List<BudgetStatus> remove(TenantKey key) {
        budgets.delete(key);
        byTenant.computeIfPresent(key.tenant(), (tenant, known) -> {
            known.remove(key.last());
            return known.isEmpty() ? null : known;
        });
        spends.forget(key);
        return close(key, status -> true);
    }

    private List<BudgetStatus> close(TenantKey budget, Predicate<BudgetStatus> which) {
        List<BudgetStatus> closed = new ArrayList<>();
        try (var entries = statuses.prefixScan(JsonKey.prefix(budget.parts()), new StringSerializer())) {
            entries.forEachRemaining(entry -> {
                if (which.test(entry.value)) {
                    closed.add(BudgetStatus.newBuilder(entry.value)
                            .setClosed(true)
                            .setRevision(Revision.after(entry.value.getRevision(), context.currentSystemTimeMs()))
                            .setUpdatedAt(now())
                            .build());
                    statuses.delete(entry.key);
                }
            });
        }
        return closed;
    }

    /** Forgets what was said of periods that ended before the instant. */
    void expireStatuses(Supplier<Instant> oldest) {
        Sweep.schedule(context, statuses, (key, status) -> status.getPeriodEnd().isBefore(oldest.get()));
    }

    /** The budget's status in a period, if it is not what was last said; from then on it is. */
    Optional<BudgetStatus> refresh(KnownBudget known, Span span) {
        TenantKey key = known.key(span);
        BudgetStatus last = statuses.get(key);
        BudgetStatus status = maker.make(known, span, last);
        if (last != null && StatusMaker.saysTheSame(last, status)) {
            return Optional.empty();
        }
        statuses.put(key, status);
        return Optional.of(status);
    }

    private Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }
}
