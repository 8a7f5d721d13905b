package dev.tokenmeter.storage.sink;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** Turns records as Kafka holds them into rows. */
final class RecordReader {
    private static final List<TableMapping<?>> MAPPINGS = List.of(
            new UsageEventMapping(),
            new UsageRollupMapping(),
            new BudgetStatusMapping(),
            new AnomalyMapping(),
            new AlertMapping(),
            new ProviderBillMapping());

    private final Map<String, TableMapping<?>> byTopic = MAPPINGS.stream()
            .collect(Collectors.toMap(mapping -> mapping.topic().topicName(), Function.identity()));
    private final Deserializer<? extends SpecificRecord> deserializer;
    private final RowEncoder encoder;

    RecordReader(Deserializer<? extends SpecificRecord> deserializer, RowEncoder encoder) {
        this.deserializer = deserializer;
        this.encoder = encoder;
    }

    /** The topics that have a table. */
    List<String> topics() {
        return MAPPINGS.stream().map(mapping -> mapping.topic().topicName()).toList();
    }

    /**
     * @return null for a tombstone, which has no row
     * @throws SerializationException if the record can never be read
     * @throws IllegalArgumentException if it does not fit its table
     * @throws SQLException if ClickHouse is not able to say what its tables are like
     * @throws org.apache.kafka.common.errors.RetriableException if the registry is out of reach
     */
    SinkRow read(ConsumerRecord<byte[], byte[]> source) throws SQLException {
        SpecificRecord record = deserializer.deserialize(source.topic(), source.value());
        return record == null ? null : row(byTopic.get(source.topic()), record, source);
    }

    private <R extends SpecificRecord> SinkRow row(
            TableMapping<R> mapping, SpecificRecord record, ConsumerRecord<byte[], byte[]> source) throws SQLException {
        if (!mapping.recordType().isInstance(record)) {
            throw new SerializationException("holds " + record.getSchema().getFullName() + ", expected "
                    + mapping.recordType().getName());
        }
        R typed = mapping.recordType().cast(record);
        return encoder.encode(mapping.table(), mapping.row(typed, source.partition(), source.offset()), source);
    }
}
