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
    static final String NAME = "tenant-days";

    private final KeyValueStore<TenantKey, Spend> store;

    DaySpendStore(ProcessingContext context) {
        store = context.getStateStore(NAME);
    }

    static StoreBuilder<?> builder() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(NAME), TenantKey.serde(), spends());
    }

    KeyValueStore<TenantKey, Spend> raw() {
        return store;
    }

    /** The tenant's days from first to last, both inclusive, that have data; in order. */
    NavigableMap<LocalDate, BigDecimal> days(String tenant, LocalDate first, LocalDate last) {
        NavigableMap<LocalDate, BigDecimal> days = new TreeMap<>();
        spends(tenant, first, last).forEach((day, spend) -> days.put(day, spend.usd()));
        return days;
    }

    /** The same with what each gateway run reported. */
    NavigableMap<LocalDate, Spend> spends(String tenant, LocalDate first, LocalDate last) {
        NavigableMap<LocalDate, Spend> days = new TreeMap<>();
        if (first.isAfter(last)) {
            return days;
        }
        try (var entries = store.range(DaySpend.key(tenant, first), DaySpend.key(tenant, last))) {
            while (entries.hasNext()) {
                KeyValue<TenantKey, Spend> entry = entries.next();
                days.put(LocalDate.parse(entry.key.last()), entry.value);
            }
        }
        return days;
    }

    /** The tenant's first day with data that is still kept; null if there is none. */
    LocalDate firstDay(String tenant) {
        String prefix = JsonKey.prefix(TenantKey.of(tenant).parts());
        try (KeyValueIterator<TenantKey, Spend> entries = store.prefixScan(prefix, new StringSerializer())) {
            return entries.hasNext() ? LocalDate.parse(entries.next().key.last()) : null;
        }
    }

    private static Serde<Spend> spends() {
        StringSerializer toText = new StringSerializer();
        StringDeserializer fromText = new StringDeserializer();
        return Serdes.serdeFrom(
                (topic, spend) -> spend == null ? null : toText.serialize(topic, spend.toText()),
                (topic, bytes) -> bytes == null ? null : Spend.fromText(fromText.deserialize(topic, bytes)));
    }
}
