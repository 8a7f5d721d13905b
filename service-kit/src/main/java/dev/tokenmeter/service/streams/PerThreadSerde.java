package dev.tokenmeter.service.streams;

import dev.tokenmeter.service.KafkaSettings;
import java.util.function.Supplier;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * One serde per stream thread. Kafka Streams uses the instance that a topology names from all of its threads, while a
 * serializer with a buffer of its own (ours, Confluent's) is for one thread only. It waits for a registry that does not
 * answer, some seconds, before it fails.
 *
 * @param <T> the value's class
 */
public final class PerThreadSerde<T> implements Serde<T> {
    private final ThreadLocal<Serde<T>> serdes;

    /** @param factory makes a configured serde; asked once by each thread */
    public PerThreadSerde(Supplier<Serde<T>> factory) {
        this.serdes = ThreadLocal.withInitial(factory);
    }

    /** The configured serde for Avro records; one instance serves topics and stores of any generated class. */
    public static PerThreadSerde<IndexedRecord> avro(KafkaSettings kafka) {
        return new PerThreadSerde<>(kafka::valueSerde);
    }

    @Override
    public Serializer<T> serializer() {
        return (topic, value) ->
                RegistryOutage.outlast(() -> serdes.get().serializer().serialize(topic, value));
    }

    @Override
    public Deserializer<T> deserializer() {
        return (topic, bytes) ->
                RegistryOutage.outlast(() -> serdes.get().deserializer().deserialize(topic, bytes));
    }

    /** The same serde, for one of the classes that it can read and write. */
    @SuppressWarnings("unchecked")
    public <S extends T> Serde<S> as(Class<S> type) {
        return (Serde<S>) this;
    }
}
