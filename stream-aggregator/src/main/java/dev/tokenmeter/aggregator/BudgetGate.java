package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.budget.BudgetDimensions;
import dev.tokenmeter.schemas.budget.BudgetRules;
import dev.tokenmeter.service.streams.Decoded;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** Refuses budget definitions that this aggregator could not keep to; the definition before stays in force. */
final class BudgetGate extends ContextualFixedKeyProcessor<byte[], Decoded<Budget>, Decoded<Budget>> {
    static final String INVALID = "invalid";
    /** Budget id to tenant, for every budget there is; written by {@link BudgetRouter}. */
    static final String STORE = "budget-tenants";

    private final BudgetDimensions dimensions;
    private KeyValueStore<String, String> tenants;

    BudgetGate(BudgetDimensions dimensions) {
        this.dimensions = dimensions;
    }

    static StoreBuilder<?> store() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.String());
    }

    @Override
    public void init(FixedKeyProcessorContext<byte[], Decoded<Budget>> context) {
        super.init(context);
        tenants = context.getStateStore(STORE);
    }

    @Override
    public void process(FixedKeyRecord<byte[], Decoded<Budget>> record) {
        Decoded<Budget> decoded = record.value();
        if (decoded instanceof Decoded.Usable<Budget> usable) {
            String problem = problem(record.key(), usable.value());
            decoded = problem == null ? usable : usable.rejected(INVALID, problem);
        }
        context().forward(record.withValue(decoded));
    }

    /** What makes the definition unusable; null if nothing does. */
    private String problem(byte[] key, Budget budget) {
        if (key == null) {
            return "no key";
        }
        if (budget == null) {
            return null;
        }
        String id = new String(key, StandardCharsets.UTF_8);
        if (!id.equals(budget.getBudgetId())) {
            return "budget_id is " + budget.getBudgetId() + ", but the record's key is " + id;
        }
        String tenant = tenants.get(id);
        if (tenant != null && !tenant.equals(budget.getTenant())) {
            return "tenant is " + budget.getTenant() + ", but budget " + id + " belongs to " + tenant
                    + "; remove it and use a new budget_id";
        }
        BudgetRules.Problem problem = BudgetRules.problem(budget, dimensions);
        return problem == null ? null : problem.toString();
    }
}
