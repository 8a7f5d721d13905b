package dev.tokenmeter.schemas.serde;

import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.common.serialization.Serdes;

/**
 * {@link AvroSerializer} and {@link AvroDeserializer} together, as Kafka Streams wants them.
 *
 * @param <T> a generated class
 */
public final class AvroSerde<T extends IndexedRecord> extends Serdes.WrapperSerde<T> {
    /** For Kafka Streams, which calls {@code configure} next. */
    public AvroSerde() {
        super(new AvroSerializer<>(), new AvroDeserializer<>());
    }
}
