package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Budget;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Sends budget definitions, and their removals as null values, to where their tenant's spend is kept. A removal names no
 * tenant, so the tenants of all budgets are remembered.
 */
final class BudgetRouter extends ContextualProcessor<byte[], Budget, TenantKey, Budget> {
    private KeyValueStore<String, String> tenants;

    @Override
    public void init(ProcessorContext<TenantKey, Budget> context) {
        super.init(context);
        tenants = context.getStateStore(BudgetGate.STORE);
    }

    @Override
    public void process(Record<byte[], Budget> record) {
        String id = new String(record.key(), StandardCharsets.UTF_8);
        Budget budget = record.value();
        String tenant = budget == null ? tenants.delete(id) : budget.getTenant();
        if (tenant == null) {
            return;
        }
        if (budget != null) {
            tenants.put(id, tenant);
        }
        context().forward(record.withKey(TenantKey.of(tenant, id)));
    }
}
