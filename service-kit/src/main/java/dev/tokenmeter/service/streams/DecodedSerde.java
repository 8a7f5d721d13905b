package dev.tokenmeter.service.streams;

import dev.tokenmeter.service.deadletter.DeadLetter;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Reads values so that poison becomes a {@link Decoded.Rejected} in place of an exception. An outage of the registry is
 * no poison: it is thrown on, the stream thread stops without having committed and its successor tries again.
 *
 * @param <T> the value's class
 */
public final class DecodedSerde<T> implements Serde<Decoded<T>> {
    private final Deserializer<T> values;

    /** @param values reads one value, and throws for bytes that it cannot read */
    public DecodedSerde(Deserializer<T> values) {
        this.values = values;
    }

    @Override
    public Deserializer<Decoded<T>> deserializer() {
        return this::decode;
    }

    /** Not supported: what was read is passed on as a plain value. */
    @Override
    public Serializer<Decoded<T>> serializer() {
        throw new UnsupportedOperationException("read only");
    }

    private Decoded<T> decode(String topic, byte[] bytes) {
        if (bytes == null) {
            return new Decoded.Usable<>(null, null);
        }
        try {
            return new Decoded.Usable<>(values.deserialize(topic, bytes), bytes);
        } catch (RuntimeException e) {
            if (RegistryOutage.isCauseOf(e)) {
                throw e;
            }
            return new Decoded.Rejected<>(bytes, DeadLetter.POISON, DeadLetter.unreadable(e));
        }
    }
}
