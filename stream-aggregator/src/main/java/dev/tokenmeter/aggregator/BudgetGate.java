package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.service.streams.Decoded;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Refuses budget definitions that this aggregator would not apply as they say; the definition before stays in force.
 * Spend is kept by UTC day, so only zones that keep UTC all year are supported.
 */
final class BudgetGate extends ContextualFixedKeyProcessor<byte[], Decoded<Budget>, Decoded<Budget>> {
    static final String INVALID = "invalid";
    /** Budget id to tenant, for every budget there is; written by {@link BudgetRouter}. */
    static final String STORE = "budget-tenants";

    private static final String MONTH = "month";
    private static final int MAX_THRESHOLD_PERCENT = 1000;
    private static final int MAX_THRESHOLDS = 100;

    private KeyValueStore<String, String> tenants;

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
        return problem(budget);
    }

    private static String problem(Budget budget) {
        if (!budget.getPeriod().equals(MONTH)) {
            return "period is " + budget.getPeriod() + "; allowed: " + MONTH;
        }
        if (!keepsUtc(budget.getTimeZone())) {
            return "time_zone is " + budget.getTimeZone() + "; allowed: UTC, or a zone that keeps it all year";
        }
        if (budget.getAmountUsd().signum() < 0) {
            return "amount_usd is " + budget.getAmountUsd() + "; allowed: zero or more";
        }
        if (budget.getThresholdsPercent().size() > MAX_THRESHOLDS
                || budget.getThresholdsPercent().stream().anyMatch(t -> t < 1 || t > MAX_THRESHOLD_PERCENT)) {
            return "thresholds_percent is " + budget.getThresholdsPercent() + "; allowed: up to " + MAX_THRESHOLDS
                    + " whole numbers from 1 to " + MAX_THRESHOLD_PERCENT;
        }
        return null;
    }

    private static boolean keepsUtc(String zone) {
        try {
            ZoneRules rules = ZoneId.of(zone).getRules();
            return rules.isFixedOffset() && rules.getOffset(Instant.EPOCH).equals(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return false;
        }
    }
}
