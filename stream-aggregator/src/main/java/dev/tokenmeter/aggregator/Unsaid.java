package dev.tokenmeter.aggregator;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Periods of budgets whose spend has changed since it was last said: many charges make one status. Kept in a store as well,
 * as a crash may come between a commit and the next word.
 */
final class Unsaid {
    static final String STORE = "budget-unsaid";

    private final KeyValueStore<TenantKey, String> store;
    private final Set<TenantKey> periods = new LinkedHashSet<>();

    Unsaid(ProcessingContext context) {
        store = context.getStateStore(STORE);
        try (KeyValueIterator<TenantKey, String> all = store.all()) {
            all.forEachRemaining(entry -> periods.add(entry.key));
        }
    }

    static StoreBuilder<?> builder() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), TenantKey.serde(), Serdes.String());
    }

    void add(TenantKey period) {
        if (periods.add(period)) {
            store.put(period, "");
        }
    }

    /** All of them; they are said now. */
    List<TenantKey> take() {
        List<TenantKey> taken = List.copyOf(periods);
        periods.clear();
        taken.forEach(store::delete);
        return taken;
    }
}
