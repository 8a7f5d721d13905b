package dev.tokenmeter.schemas.serde;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.message.MessageDecoder;
import org.apache.avro.message.MessageEncoder;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** For tests: Avro without a registry. The bytes of {@link #outage} fail as a registry that is down does. */
public record SingleObjectSerde<T>(MessageEncoder<T> encoder, MessageDecoder<T> decoder) implements Serde<T> {
    private static final byte[] OUTAGE = {'d', 'o', 'w', 'n'};

    /** Bytes that no answer comes for. */
    public static byte[] outage() {
        return OUTAGE.clone();
    }

    @Override
    public Serializer<T> serializer() {
        return (topic, value) -> value == null ? null : encode(value);
    }

    @Override
    public Deserializer<T> deserializer() {
        return (topic, bytes) -> bytes == null ? null : decode(bytes);
    }

    private byte[] encode(T value) {
        try {
            ByteBuffer buffer = encoder.encode(value);
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private T decode(byte[] bytes) {
        if (Arrays.equals(bytes, OUTAGE)) {
            throw new TimeoutException("schema registry: no answer");
        }
        try {
            return decoder.decode(bytes);
        } catch (IOException | AvroRuntimeException e) {
            throw new SerializationException("bad Avro", e);
        }
    }
}
