package dev.tokenmeter.schemas.serde;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Writes Avro records in the Confluent wire format. The first record of a schema asks the registry and so blocks;
 * after that the id is cached. Not for event loops. Not thread-safe, as Kafka gives each client its own.
 *
 * @param <T> a generated class, or a generic record
 */
public final class AvroSerializer<T extends IndexedRecord> implements Serializer<T> {
    static final byte MAGIC = 0;
    static final int HEADER_BYTES = 1 + Integer.BYTES;

    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(512);
    private final Map<Schema, Encoder<T>> encoders = new ConcurrentHashMap<>();
    private final Map<String, SchemaRegistryClient.Registered> latest = new ConcurrentHashMap<>();
    private BinaryEncoder encoder;
    private SchemaRegistryClient registry;
    private SubjectNameStrategy subjects;
    private boolean key;
    private boolean register;
    private boolean useLatest;
    private boolean normalize;

    private interface Encoder<T> {
        byte[] encode(T record, byte[] head);
    }

    /** For Kafka, which calls {@link #configure} next. */
    public AvroSerializer() {}

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        AvroSerdeConfig config = new AvroSerdeConfig(configs);
        registry = config.registryClient();
        subjects = config.subjectNameStrategy(isKey);
        key = isKey;
        register = config.getBoolean(AvroSerdeConfig.AUTO_REGISTER_SCHEMAS);
        useLatest = config.getBoolean(AvroSerdeConfig.USE_LATEST_VERSION);
        normalize = config.getBoolean(AvroSerdeConfig.NORMALIZE_SCHEMAS);
    }

    @Override
    public byte[] serialize(String topic, T data) {
        if (data == null) {
            return null;
        }
        String subject = subjects.subject(topic, key, data.getSchema());
        SchemaRegistryClient.Registered target = target(subject, data.getSchema());
        byte[] head =
                ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(target.id()).array();
        return encoders.computeIfAbsent(target.schema(), schema -> encoder(data, schema))
                .encode(data, head);
    }

    /** Ours for generated records under their own schema, where it can; Avro's for all others. */
    private Encoder<T> encoder(T data, Schema schema) {
        if (data instanceof SpecificRecord && schema.equals(data.getSchema()) && RecordEncoder.canEncode(schema)) {
            return new RecordEncoder(schema)::encode;
        }
        DatumWriter<T> writer = writer(data, schema);
        return (record, head) -> {
            buffer.reset();
            buffer.writeBytes(head);
            encoder = EncoderFactory.get().directBinaryEncoder(buffer, encoder);
            try {
                writer.write(record, encoder);
                encoder.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return buffer.toByteArray();
        };
    }

    /**
     * The same for a record that somebody has encoded already.
     *
     * @param schema with which
     * @param encoded its bytes in Avro's binary encoding, from the offset on
     * @return null where the settings ask for another schema to write with
     */
    public byte[] serializeEncoded(String topic, Schema schema, byte[] encoded, int offset) {
        SchemaRegistryClient.Registered target = target(subjects.subject(topic, key, schema), schema);
        return target.schema().equals(schema) ? RecordEncoder.framed(target.id(), encoded, offset) : null;
    }

    private SchemaRegistryClient.Registered target(String subject, Schema schema) {
        if (register) {
            return new SchemaRegistryClient.Registered(registry.register(subject, schema, normalize), schema);
        }
        if (useLatest) {
            return latest.computeIfAbsent(subject, registry::latest);
        }
        return new SchemaRegistryClient.Registered(registry.lookUp(subject, schema, normalize), schema);
    }

    private DatumWriter<T> writer(T data, Schema schema) {
        if (data instanceof SpecificRecord specific) {
            return new SpecificDatumWriter<>(schema, SpecificData.getForClass(specific.getClass()));
        }
        return new GenericDatumWriter<>(schema);
    }
}
