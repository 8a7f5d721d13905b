package dev.tokenmeter.schemas.serde;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import org.apache.avro.AvroTypeException;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.Encoder;

/**
 * Encodes generated records of one schema as Avro's own writer does, to the byte, at a fraction of the CPU: what each field
 * is written by is looked up once, not for every value. For schemas of strings, numbers, enums, times, decimals, maps of
 * those, and any of them or null. Thread-safe.
 *
 * @see <a href="https://avro.apache.org/docs/1.12.0/specification/#binary-encoding">binary encoding</a>
 */
public final class RecordEncoder {
    private static final int USUAL_BYTES = 1024;
    private static final long MICROS = 1_000_000;
    private static final int NANOS_PER_MICRO = 1000;

    @FunctionalInterface
    private interface Part {
        void write(Object value, Encoder out) throws IOException;
    }

    private final Part[] fields;

    /** @throws IllegalArgumentException if the schema holds something else */
    public RecordEncoder(Schema schema) {
        fields = schema.getFields().stream().map(field -> part(field.schema())).toArray(Part[]::new);
    }

    /** Whether it can write records of the schema. */
    static boolean canEncode(Schema schema) {
        try {
            schema.getFields().forEach(field -> part(field.schema()));
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * A record's bytes.
     *
     * @param head put before them
     * @throws RuntimeException if a value is not of its field's type, as of Avro's writer
     */
    public byte[] encode(IndexedRecord record, byte[] head) {
        MemoryEncoder out = new MemoryEncoder(head, USUAL_BYTES);
        try {
            for (int i = 0; i < fields.length; i++) {
                fields[i].write(record.get(i), out);
            }
        } catch (IOException e) {
            throw new IllegalStateException("encoding into memory did no I/O and yet failed", e);
        }
        return out.toArray();
    }

    private static Part part(Schema schema) {
        return switch (schema.getType()) {
            case STRING -> (value, out) -> out.writeString(value.toString());
            case INT -> plain(schema, (value, out) -> out.writeInt((Integer) value));
            case BOOLEAN -> (value, out) -> out.writeBoolean((Boolean) value);
            case LONG ->
                schema.getLogicalType() instanceof LogicalTypes.TimestampMicros
                        ? (value, out) -> out.writeLong(micros((Instant) value))
                        : plain(schema, (value, out) -> out.writeLong((Long) value));
            case ENUM -> (value, out) -> out.writeEnum(schema.getEnumOrdinal(value.toString()));
            case BYTES -> decimal(schema.getLogicalType());
            case MAP -> map(part(schema.getValueType()));
            case UNION -> nullable(schema);
            default -> throw new IllegalArgumentException("cannot encode " + schema);
        };
    }

    /** Of a number that stands for nothing else, as a date would. */
    private static Part plain(Schema number, Part part) {
        if (number.getLogicalType() != null) {
            throw new IllegalArgumentException("cannot encode " + number);
        }
        return part;
    }

    private static long micros(Instant time) {
        return Math.addExact(
                Math.multiplyExact(time.getEpochSecond(), MICROS), (long) time.getNano() / NANOS_PER_MICRO);
    }

    private static Part decimal(LogicalType type) {
        if (!(type instanceof LogicalTypes.Decimal decimal)) {
            throw new IllegalArgumentException("cannot encode bytes that are no decimal");
        }
        return (value, out) ->
                out.writeBytes(unscaled((BigDecimal) value, decimal).toByteArray());
    }

    private static BigInteger unscaled(BigDecimal number, LogicalTypes.Decimal type) {
        BigDecimal scaled;
        try {
            scaled = number.setScale(type.getScale(), RoundingMode.UNNECESSARY);
        } catch (ArithmeticException e) {
            throw new AvroTypeException(number + " has more than " + type.getScale() + " digits after the point", e);
        }
        if (scaled.precision() > type.getPrecision()) {
            throw new AvroTypeException(number + " has more than " + type.getPrecision() + " digits");
        }
        return scaled.unscaledValue();
    }

    private static Part map(Part values) {
        return (value, out) -> {
            Map<?, ?> entries = (Map<?, ?>) value;
            out.writeMapStart();
            out.setItemCount(entries.size());
            for (Map.Entry<?, ?> entry : entries.entrySet()) {
                out.startItem();
                out.writeString(entry.getKey().toString());
                values.write(entry.getValue(), out);
            }
            out.writeMapEnd();
        };
    }

    private static Part nullable(Schema union) {
        if (union.getTypes().size() != 2 || !union.isNullable()) {
            throw new IllegalArgumentException("cannot encode " + union);
        }
        int none = union.getTypes().get(0).getType() == Schema.Type.NULL ? 0 : 1;
        int some = 1 - none;
        Part there = part(union.getTypes().get(some));
        return (value, out) -> {
            out.writeIndex(value == null ? none : some);
            if (value != null) {
                there.write(value, out);
            }
        };
    }

    /** Puts the Confluent wire format's head before a record's bytes. */
    static byte[] framed(int schemaId, byte[] bytes, int offset) {
        return ByteBuffer.allocate(AvroSerializer.HEADER_BYTES + bytes.length - offset)
                .put(AvroSerializer.MAGIC)
                .putInt(schemaId)
                .put(bytes, offset, bytes.length - offset)
                .array();
    }
}
