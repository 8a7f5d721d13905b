package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * What is spent of each budget in each period, and what each gateway run reported of it. A period's sums are taken from the
 * {@link SpendCells} once, and then grow with each charge.
 */
final class PeriodSpends {
    private static final String SPENDS = "budget-spends";
    private static final String RUN_SPENDS = "budget-run-spends";
    private static final int MAX_RUNS = 1000;

    private final SpendCells cells;
    private final KeyValueStore<TenantKey, Amounts> spends;
    private final KeyValueStore<TenantKey, RunSpend> runSpends;

    PeriodSpends(ProcessingContext context, SpendCells cells) {
        this.cells = cells;
        spends = context.getStateStore(SPENDS);
        runSpends = context.getStateStore(RUN_SPENDS);
    }

    static String[] storeNames() {
        return new String[] {SPENDS, RUN_SPENDS};
    }

    /** Cached: of what changes between two commits, the last is written. */
    static List<StoreBuilder<?>> stores() {
        return List.of(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(SPENDS), TenantKey.serde(), Amounts.serde())
                        .withCachingEnabled(),
                Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore(RUN_SPENDS), TenantKey.serde(), RunSpend.serde())
                        .withCachingEnabled());
    }

    void expire(ProcessingContext context, BiPredicate<TenantKey, Long> expired) {
        Sweep.schedule(context, spends, (key, amounts) -> expired.test(key, Long.MAX_VALUE));
        Sweep.schedule(context, runSpends, (key, spend) -> expired.test(key, spend.lastAt()));
    }

    /** Adds a charge that is in its cell already. */
    void add(KnownBudget budget, Span span, Charge charge, long nowMs) {
        TenantKey key = budget.key(span);
        Amounts before = spends.get(key);
        Amounts more = charge.amounts();
        if (before == null) {
            count(budget, span);
            more = Amounts.NONE;
        } else {
            spends.put(key, before.plus(more));
        }
        if (!charge.run().isEmpty()) {
            TenantKey runKey = budget.key(span, charge.run());
            RunSpend run = runSpends.get(runKey);
            runSpends.put(runKey, (run == null ? RunSpend.NONE : run).plus(more, nowMs));
        }
    }

    /** What is spent. */
    Amounts spent(KnownBudget budget, Span span) {
        Amounts known = spends.get(budget.key(span));
        return known == null ? count(budget, span) : known;
    }

    private Amounts count(KnownBudget budget, Span span) {
        Amounts sum = Amounts.NONE;
        for (Map.Entry<String, RunSpend> run :
                cells.spentByRun(budget.tenant(), span, budget.scope()).entrySet()) {
            sum = sum.plus(run.getValue().amounts());
            if (!run.getKey().isEmpty()) {
                runSpends.put(budget.key(span, run.getKey()), run.getValue());
            }
        }
        spends.put(budget.key(span), sum);
        return sum;
    }

    /**
     * What runs reported that have done so since an instant (epoch ms); the last {@value #MAX_RUNS} of them. A gateway
     * that reported nothing for long remembers what was said of it last.
     */
    Map<String, Amounts> byRun(KnownBudget budget, Span span, long since) {
        Map<String, RunSpend> found = new HashMap<>();
        try (KeyValueIterator<TenantKey, RunSpend> runs =
                runSpends.prefixScan(JsonKey.prefix(budget.key(span).parts()), new StringSerializer())) {
            while (runs.hasNext()) {
                KeyValue<TenantKey, RunSpend> run = runs.next();
                if (run.value.lastAt() >= since && !run.value.amounts().isNone()) {
                    found.put(run.key.last(), run.value);
                }
            }
        }
        Map<String, Amounts> byRun = new HashMap<>();
        found.entrySet().stream()
                .sorted(Comparator.comparingLong(run -> -run.getValue().lastAt()))
                .limit(MAX_RUNS)
                .forEach(run -> byRun.put(run.getKey(), run.getValue().amounts()));
        return byRun;
    }

    /** Forgets all periods of a budget, so that they are counted anew. */
    void forget(TenantKey budget) {
        deleteAll(spends, budget);
        deleteAll(runSpends, budget);
    }

    private static <V> void deleteAll(KeyValueStore<TenantKey, V> store, TenantKey budget) {
        try (KeyValueIterator<TenantKey, V> entries =
                store.prefixScan(JsonKey.prefix(budget.parts()), new StringSerializer())) {
            while (entries.hasNext()) {
                store.delete(entries.next().key);
            }
        }
    }
}
