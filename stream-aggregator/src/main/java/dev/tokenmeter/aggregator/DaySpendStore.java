package dev.tokenmeter.aggregator;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** Spend by tenant and day, as {@link DaySpendRecorder} keeps it and the spend rules read it. */
final class DaySpendStore {
    static final String NAME = "days-of-tenant";

    private final KeyValueStore<TenantKey, BigDecimal> store;

    DaySpendStore(ProcessingContext context) {
        store = context.getStateStore(NAME);
    }

    static StoreBuilder<?> builder() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(NAME), TenantKey.serde(), amounts());
    }

    KeyValueStore<TenantKey, BigDecimal> raw() {
        return store;
    }

    /** The tenant's days from first to last, both inclusive, that have data; in order. */
    NavigableMap<LocalDate, BigDecimal> days(String tenant, LocalDate first, LocalDate last) {
        NavigableMap<LocalDate, BigDecimal> days = new TreeMap<>();
        if (first.isAfter(last)) {
            return days;
        }
        try (var entries = store.range(DayChange.key(tenant, first), DayChange.key(tenant, last))) {
            while (entries.hasNext()) {
                KeyValue<TenantKey, BigDecimal> entry = entries.next();
                days.put(LocalDate.parse(entry.key.last()), entry.value);
            }
        }
        return days;
    }

    /** The tenant's first day with data that is still kept; null if there is none. */
    LocalDate firstDay(String tenant) {
        String prefix = JsonKey.prefix(TenantKey.of(tenant).parts());
        try (KeyValueIterator<TenantKey, BigDecimal> entries = store.prefixScan(prefix, new StringSerializer())) {
            return entries.hasNext() ? LocalDate.parse(entries.next().key.last()) : null;
        }
    }

    private static Serde<BigDecimal> amounts() {
        StringSerializer toText = new StringSerializer();
        StringDeserializer fromText = new StringDeserializer();
        return Serdes.serdeFrom(
                (topic, amount) -> amount == null ? null : toText.serialize(topic, amount.toPlainString()),
                (topic, bytes) -> bytes == null ? null : new BigDecimal(fromText.deserialize(topic, bytes)));
    }
}
