package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The budgets of this task's tenants, what has been spent of them, and what was last said about it. Spend is always the
 * sum of the period's days, so a definition made or changed mid-period counts from the period's start.
 */
final class BudgetBook {
    private static final String BUDGETS = "tenant-budgets";
    private static final String STATUSES = "budget-statuses";

    private final ProcessingContext context;
    private final DaySpendStore days;
    private final KeyValueStore<TenantKey, Budget> budgets;
    private final KeyValueStore<TenantKey, BudgetStatus> statuses;

    BudgetBook(ProcessingContext context) {
        this.context = context;
        days = new DaySpendStore(context);
        budgets = context.getStateStore(BUDGETS);
        statuses = context.getStateStore(STATUSES);
    }

    /** Names of the stores that a processor with a book needs. */
    static String[] storeNames() {
        return new String[] {DaySpendStore.NAME, BUDGETS, STATUSES};
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

    void define(Budget budget) {
        budgets.put(TenantKey.of(budget.getTenant(), budget.getBudgetId()), budget);
    }

    /** Forgets a budget; returns what was last said of each of its periods. */
    List<BudgetStatus> remove(TenantKey key) {
        budgets.delete(key);
        List<BudgetStatus> removed = new ArrayList<>();
        try (var entries = statuses.prefixScan(JsonKey.prefix(key.parts()), new StringSerializer())) {
            entries.forEachRemaining(entry -> {
                removed.add(entry.value);
                statuses.delete(entry.key);
            });
        }
        return removed;
    }

    /** Forgets what was said of periods that ended before the instant. */
    void expireStatuses(Supplier<Instant> oldest) {
        Sweep.schedule(context, statuses, (key, status) -> status.getPeriodEnd().isBefore(oldest.get()));
    }

    List<Budget> budgetsOf(String tenant) {
        String prefix = JsonKey.prefix(TenantKey.of(tenant).parts());
        return values(budgets.prefixScan(prefix, new StringSerializer()));
    }

    List<Budget> all() {
        return values(budgets.all());
    }

    /** The budget's status in a month, if it is not what was last said; from then on it is. */
    Optional<BudgetStatus> refresh(Budget budget, YearMonth month) {
        Instant start = month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        TenantKey key = TenantKey.of(budget.getTenant(), budget.getBudgetId(), start.toString());
        BudgetStatus last = statuses.get(key);
        BudgetStatus status = status(budget, month, start, last == null ? 0 : last.getRevision());
        if (last != null && saysTheSame(last, status)) {
            return Optional.empty();
        }
        statuses.put(key, status);
        return Optional.of(status);
    }

    private BudgetStatus status(Budget budget, YearMonth month, Instant start, long lastRevision) {
        Spend spent = spent(budget.getTenant(), month);
        long now = context.currentSystemTimeMs();
        return BudgetStatus.newBuilder()
                .setBudgetId(budget.getBudgetId())
                .setTenant(budget.getTenant())
                .setName(budget.getName())
                .setPeriodStart(start)
                .setPeriodEnd(month.plusMonths(1)
                        .atDay(1)
                        .atStartOfDay(ZoneOffset.UTC)
                        .toInstant())
                .setSpentUsd(spent.usd())
                .setSpentByGatewayRun(spent.byRun())
                .setLimitUsd(budget.getAmountUsd())
                .setHard(budget.getHard())
                .setThresholdsPercent(budget.getThresholdsPercent())
                .setThresholdsCrossed(crossed(budget, spent.usd()))
                .setRevision(Revision.after(lastRevision, now))
                .setUpdatedAt(Instant.ofEpochMilli(now))
                .build();
    }

    private Spend spent(String tenant, YearMonth month) {
        LocalDate last = month.atEndOfMonth();
        return days.spends(tenant, month.atDay(1), last).values().stream().reduce(Spend.NONE, Spend::plus);
    }

    private static List<Integer> crossed(Budget budget, BigDecimal spent) {
        BigDecimal hundredfold = spent.movePointRight(2);
        return budget.getThresholdsPercent().stream()
                .filter(threshold ->
                        hundredfold.compareTo(budget.getAmountUsd().multiply(BigDecimal.valueOf(threshold))) >= 0)
                .toList();
    }

    private static boolean saysTheSame(BudgetStatus a, BudgetStatus b) {
        return a.getName().equals(b.getName())
                && a.getSpentUsd().compareTo(b.getSpentUsd()) == 0
                && a.getSpentByGatewayRun().equals(b.getSpentByGatewayRun())
                && a.getLimitUsd().compareTo(b.getLimitUsd()) == 0
                && a.getHard() == b.getHard()
                && Set.copyOf(a.getThresholdsPercent()).equals(Set.copyOf(b.getThresholdsPercent()));
    }

    private static List<Budget> values(KeyValueIterator<TenantKey, Budget> entries) {
        List<Budget> values = new ArrayList<>();
        try (entries) {
            entries.forEachRemaining(entry -> values.add(entry.value));
        }
        return values;
    }
}
