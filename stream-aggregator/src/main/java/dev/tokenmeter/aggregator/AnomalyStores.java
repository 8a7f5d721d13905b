package dev.tokenmeter.aggregator;

import dev.tokenmeter.aggregator.anomaly.Amount;
import dev.tokenmeter.aggregator.anomaly.Detector;
import dev.tokenmeter.aggregator.anomaly.DetectorState;
import dev.tokenmeter.aggregator.anomaly.Known;
import dev.tokenmeter.aggregator.anomaly.Table;
import dev.tokenmeter.schemas.Anomaly;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** The state of the detector of anomalies, in the stores of a task; what is old enough is dropped from them. */
final class AnomalyStores {
    static final String PENDING = "anomaly-pending";

    private static final String CELLS = "anomaly-cells";
    private static final String DETAILS = "anomaly-details";
    private static final String SUBJECTS = "anomaly-subjects";
    private static final String TOLD = "anomaly-told";
    private static final int VERSION = 1;

    /**
     * What is older is dropped.
     *
     * @param days what is kept by day
     * @param hours what is kept by hour
     * @param slots what is kept by slot
     */
    record Oldest(LocalDate days, Instant hours, Instant slots) {}

    private final KeyValueStore<String, Amount> cells;
    private final KeyValueStore<String, Amount> details;
    private final KeyValueStore<String, Known> subjects;
    private final KeyValueStore<String, Anomaly> told;

    AnomalyStores(ProcessingContext context) {
        cells = context.getStateStore(CELLS);
        details = context.getStateStore(DETAILS);
        subjects = context.getStateStore(SUBJECTS);
        told = context.getStateStore(TOLD);
    }

    /** Cached, where values change often: of what changes between two commits, the last is written. */
    static List<StoreBuilder<?>> all(Serde<Anomaly> anomalies) {
        return List.of(
                store(PENDING, amounts()).withCachingEnabled(),
                store(CELLS, amounts()).withCachingEnabled(),
                store(DETAILS, amounts()).withCachingEnabled(),
                store(SUBJECTS, knowns()).withCachingEnabled(),
                store(TOLD, anomalies));
    }

    static String[] names() {
        return new String[] {PENDING, CELLS, DETAILS, SUBJECTS, TOLD};
    }

    private static <V> StoreBuilder<KeyValueStore<String, V>> store(String name, Serde<V> values) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.String(), values);
    }

    DetectorState state() {
        return new DetectorState(table(cells), table(details), table(subjects), table(told));
    }

    void expire(ProcessingContext context, Supplier<Oldest> oldest) {
        Sweep.schedule(context, cells, (key, amount) -> {
            Oldest kept = oldest.get();
            return Detector.isExpiredCell(key, kept.days(), kept.hours(), kept.slots());
        });
        Sweep.schedule(context, details, (key, amount) -> {
            Oldest kept = oldest.get();
            return Detector.isExpiredDetail(key, kept.days(), kept.hours());
        });
        Sweep.schedule(
                context,
                subjects,
                (key, known) -> LocalDate.ofInstant(known.last(), ZoneOffset.UTC)
                        .isBefore(oldest.get().days()));
        Sweep.schedule(
                context,
                told,
                (key, anomaly) -> Detector.isExpiredWord(key, oldest.get().days()));
    }

    private static <V> Table<V> table(KeyValueStore<String, V> store) {
        return new Table<>() {
            @Override
            public V get(String key) {
                return store.get(key);
            }

            @Override
            public void put(String key, V value) {
                store.put(key, value);
            }

            @Override
            public void scan(String from, String to, BiConsumer<String, V> visitor) {
                try (KeyValueIterator<String, V> entries = store.range(from, to)) {
                    while (entries.hasNext()) {
                        KeyValue<String, V> entry = entries.next();
                        if (!entry.key.equals(to)) {
                            visitor.accept(entry.key, entry.value);
                        }
                    }
                }
            }
        };
    }

    private static Serde<Amount> amounts() {
        return Serdes.serdeFrom(
                (topic, amount) -> amount == null
                        ? null
                        : new PackedWriter(VERSION)
                                .money(amount.usd())
                                .number(amount.tokens())
                                .number(amount.requests())
                                .toBytes(),
                (topic, bytes) -> bytes == null ? null : amount(new PackedReader(bytes, VERSION)));
    }

    private static Amount amount(PackedReader in) {
        return new Amount(in.money(), in.number(), in.number());
    }

    private static Serde<Known> knowns() {
        return Serdes.serdeFrom(
                (topic, known) -> known == null
                        ? null
                        : new PackedWriter(VERSION)
                                .number(known.first().getEpochSecond())
                                .number(known.last().getEpochSecond())
                                .toBytes(),
                (topic, bytes) -> bytes == null ? null : known(new PackedReader(bytes, VERSION)));
    }

    private static Known known(PackedReader in) {
        return new Known(Instant.ofEpochSecond(in.number()), Instant.ofEpochSecond(in.number()));
    }
}
