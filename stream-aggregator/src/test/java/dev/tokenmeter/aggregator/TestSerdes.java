package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.message.MessageDecoder;
import org.apache.avro.message.MessageEncoder;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** Avro without a registry. The bytes of {@link #OUTAGE} fail as a registry that is down does. */
final class TestSerdes {
    static final byte[] OUTAGE = {'d', 'o', 'w', 'n'};

    private TestSerdes() {}

    static AggregatorSerdes all() {
        return new AggregatorSerdes(
                serde(UsageEvent.getEncoder(), UsageEvent.getDecoder()),
                serde(UsageRollup.getEncoder(), UsageRollup.getDecoder()),
                serde(Budget.getEncoder(), Budget.getDecoder()),
                serde(BudgetStatus.getEncoder(), BudgetStatus.getDecoder()),
                serde(Anomaly.getEncoder(), Anomaly.getDecoder()));
    }

    private static <T> Serde<T> serde(MessageEncoder<T> encoder, MessageDecoder<T> decoder) {
        return Serdes.serdeFrom(
                (topic, value) -> value == null ? null : encode(encoder, value),
                (topic, bytes) -> bytes == null ? null : decode(decoder, bytes));
    }

    private static <T> byte[] encode(MessageEncoder<T> encoder, T value) {
        try {
            ByteBuffer buffer = encoder.encode(value);
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T decode(MessageDecoder<T> decoder, byte[] bytes) {
        if (java.util.Arrays.equals(bytes, OUTAGE)) {
            throw new TimeoutException("schema registry: no answer");
        }
        try {
            return decoder.decode(bytes);
        } catch (IOException | AvroRuntimeException e) {
            throw new SerializationException("bad Avro", e);
        }
    }
}
