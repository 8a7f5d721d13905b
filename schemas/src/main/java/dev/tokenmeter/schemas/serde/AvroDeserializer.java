package dev.tokenmeter.schemas.serde;

import dev.tokenmeter.schemas.AvroTrust;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Reads the Confluent wire format, resolving whatever schema the writer had to the generated class. The first record of
 * each schema id asks the registry and so blocks. Not thread-safe, as Kafka gives each client its own.
 *
 * <p>Bytes that can never be read raise {@link SerializationException}; a registry that cannot be reached raises a
 * {@link org.apache.kafka.common.errors.RetriableException}, so that an outage is not mistaken for poison.
 *
 * @param <T> a generated class, or a generic record when {@code specific.avro.reader} is false
 */
public final class AvroDeserializer<T extends IndexedRecord> implements Deserializer<T> {
    private final Map<Integer, DatumReader<T>> readers = new ConcurrentHashMap<>();
    private BinaryDecoder decoder;
    private SchemaRegistryClient registry;
    private boolean specific;

    /** For Kafka, which calls {@link #configure} next. */
    public AvroDeserializer() {
        AvroTrust.trustContract();
    }

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        AvroSerdeConfig config = new AvroSerdeConfig(configs);
        registry = config.registryClient();
        specific = config.getBoolean(AvroSerdeConfig.SPECIFIC_AVRO_READER);
    }

    @Override
    public T deserialize(String topic, byte[] data) {
        if (data == null) {
            return null;
        }
        if (data.length < AvroSerializer.HEADER_BYTES) {
            throw new SerializationException("not in Confluent wire format: " + data.length + " bytes");
        }
        if (data[0] != AvroSerializer.MAGIC) {
            throw new SerializationException("not in Confluent wire format: magic byte " + data[0] + ", expected 0");
        }
        int id = ByteBuffer.wrap(data, 1, Integer.BYTES).getInt();
        DatumReader<T> reader = readers.computeIfAbsent(id, this::reader);
        int offset = AvroSerializer.HEADER_BYTES;
        decoder = DecoderFactory.get().binaryDecoder(data, offset, data.length - offset, decoder);
        try {
            T record = reader.read(null, decoder);
            if (!decoder.isEnd()) {
                throw new SerializationException("bytes left over after a record of schema id " + id);
            }
            return record;
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw new SerializationException("bad Avro under schema id " + id, e);
        }
    }

    private Schema writerSchema(int id) {
        try {
            return registry.byId(id);
        } catch (AvroRuntimeException e) {
            throw new SerializationException("schema id " + id + " is not an Avro schema", e);
        }
    }

    private DatumReader<T> reader(int id) {
        Schema writer = writerSchema(id);
        if (!specific) {
            return new GenericDatumReader<>(writer);
        }
        Class<?> generated = SpecificData.get().getClass(writer);
        if (generated == null) {
            throw new SerializationException(
                    "schema id " + id + " is " + writer.getFullName() + ", for which there is no generated class");
        }
        SpecificData model = SpecificData.getForClass(generated);
        return new SpecificDatumReader<>(writer, model.getSchema(generated), model);
    }
}
