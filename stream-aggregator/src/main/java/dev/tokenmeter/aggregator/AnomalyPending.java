package dev.tokenmeter.aggregator;

import dev.tokenmeter.aggregator.anomaly.Amount;
import dev.tokenmeter.aggregator.anomaly.Delta;
import dev.tokenmeter.aggregator.anomaly.Slots;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * What came since the rules were last asked, summed by slot and combination of values: one sum for each event, however many
 * subjects it belongs to. In a store as well, as a crash may come between a commit and the next time.
 */
final class AnomalyPending {
    private static final int VALUES = 2;

    private final KeyValueStore<String, Amount> store;
    private final List<String> dimensions;
    private final Map<Part, Sum> sums = new LinkedHashMap<>();

    private record Part(String tenant, Instant slot, List<String> values) {
        String key() {
            List<String> parts = new ArrayList<>(values.size() + VALUES);
            parts.add(tenant);
            parts.add(slot.toString());
            parts.addAll(values);
            return JsonKey.encode(parts);
        }
    }

    private static final class Sum {
        private final String key;
        private Amount amount = Amount.NONE;

        private Sum(String key) {
            this.key = key;
        }
    }

    /** @param dimensions those of the detector */
    AnomalyPending(ProcessingContext context, List<String> dimensions) {
        this.store = context.getStateStore(AnomalyStores.PENDING);
        this.dimensions = dimensions;
        try (KeyValueIterator<String, Amount> all = store.all()) {
            all.forEachRemaining(entry -> sums.put(part(entry.key), sum(entry.key, entry.value)));
        }
    }

    private static Part part(String key) {
        List<String> parts = JsonKey.decode(key);
        return new Part(parts.get(0), Instant.parse(parts.get(1)), parts.subList(VALUES, parts.size()));
    }

    private static Sum sum(String key, Amount amount) {
        Sum sum = new Sum(key);
        sum.amount = amount;
        return sum;
    }

    void add(String tenant, Counted event) {
        List<String> values = new ArrayList<>(dimensions.size());
        for (String dimension : dimensions) {
            values.add(event.value(dimension));
        }
        Sum sum = sums.computeIfAbsent(new Part(tenant, Slots.of(event.at()), values), part -> new Sum(part.key()));
        Measures measures = event.measures();
        sum.amount = sum.amount.plus(new Amount(measures.costUsd(), measures.tokens(), measures.requests()));
        store.put(sum.key, sum.amount);
    }

    int size() {
        return sums.size();
    }

    /** All of it; it is taken now. Of other dimensions than today's, after a change of settings, only the tenant's sum. */
    List<Delta> take() {
        List<Delta> taken = new ArrayList<>(sums.size());
        sums.forEach((part, sum) -> {
            List<String> values = part.values().size() == dimensions.size() ? part.values() : noValues();
            taken.add(new Delta(part.tenant(), part.slot(), values, sum.amount));
            store.delete(sum.key);
        });
        sums.clear();
        return taken;
    }

    private List<String> noValues() {
        return dimensions.stream().map(dimension -> "").toList();
    }
}
