package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import dev.tokenmeter.schemas.budget.BudgetScope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The memory from which a budget that is defined or changed mid-period is counted from its period's start: what each tenant
 * spent in each quarter of an hour, by gateway run and by the values of the dimensions that budgets may name. All zones'
 * days begin on such a quarter. A cell names its dimensions, so it stays right when the setting changes.
 */
final class SpendCells {
    static final String STORE = "spend-cells";

    private static final Duration WIDTH = Duration.ofMinutes(15);
    private static final int TENANT = 0;
    private static final int START = 1;
    private static final int RUN = 2;
    private static final int VALUES = 3;

    private final KeyValueStore<String, Amounts> store;

    SpendCells(ProcessingContext context) {
        store = context.getStateStore(STORE);
    }

    /** Cached: of what changes between two commits, the last is written. */
    static StoreBuilder<?> builder() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.String(), Amounts.serde())
                .withCachingEnabled();
    }

    void expire(ProcessingContext context, Supplier<Instant> oldest) {
        Sweep.schedule(
                context,
                store,
                (key, amounts) -> Instant.parse(JsonKey.decode(key).get(START)).isBefore(oldest.get()));
    }

    void add(String tenant, Charge charge) {
        String key = key(tenant, charge);
        Amounts before = store.get(key);
        store.put(key, before == null ? charge.amounts() : before.plus(charge.amounts()));
    }

    /** What the tenant spent in a period on calls that a scope covers, by gateway run; those of no gateway under "". */
    Map<String, RunSpend> spentByRun(String tenant, Span span, BudgetScope scope) {
        Map<String, RunSpend> spent = new HashMap<>();
        try (KeyValueIterator<String, Amounts> cells =
                store.range(firstAt(tenant, span.start()), firstAt(tenant, span.end()))) {
            while (cells.hasNext()) {
                KeyValue<String, Amounts> cell = cells.next();
                List<String> parts = JsonKey.decode(cell.key);
                if (scope.covers(Charge.pairs(parts, VALUES)::get)) {
                    long end = Instant.parse(parts.get(START)).plus(WIDTH).toEpochMilli();
                    spent.merge(
                            parts.get(RUN), new RunSpend(cell.value, end), (a, b) -> a.plus(b.amounts(), b.lastAt()));
                }
            }
        }
        return spent;
    }

    /** Takes a cell: when it begins, whose values its calls have, and what was spent. */
    interface Reader {
        void read(Instant start, Map<String, String> values, Amounts amounts);
    }

    /**
     * Reads up to so many cells of a tenant that begin within a span, in the order of time.
     *
     * @param from where to go on, as the call before returned it; empty for the beginning
     * @return where to go on; empty at the end
     */
    Optional<String> read(String tenant, Span span, Optional<String> from, int most, Reader reader) {
        try (KeyValueIterator<String, Amounts> cells =
                store.range(from.orElseGet(() -> firstAt(tenant, span.start())), firstAt(tenant, span.end()))) {
            for (int i = 0; cells.hasNext(); i++) {
                if (i == most) {
                    return Optional.of(cells.peekNextKey());
                }
                KeyValue<String, Amounts> cell = cells.next();
                List<String> parts = JsonKey.decode(cell.key);
                reader.read(Instant.parse(parts.get(START)), Charge.pairs(parts, VALUES), cell.value);
            }
        }
        return Optional.empty();
    }

    private static String key(String tenant, Charge charge) {
        List<String> parts = new ArrayList<>(VALUES + 2 * charge.values().size());
        parts.add(TENANT, tenant);
        parts.add(START, start(charge.at()).toString());
        parts.add(RUN, charge.run());
        charge.values().forEach((name, value) -> {
            parts.add(name);
            parts.add(value);
        });
        return JsonKey.encode(parts);
    }

    private static Instant start(Instant at) {
        long second = at.getEpochSecond();
        return Instant.ofEpochSecond(second - Math.floorMod(second, WIDTH.toSeconds()));
    }

    /** Sorts before the key of every cell of the tenant that begins at the instant or later, and is none itself. */
    private static String firstAt(String tenant, Instant start) {
        String key = JsonKey.encode(List.of(tenant, start.toString()));
        return key.substring(0, key.length() - 1);
    }
}
