package dev.tokenmeter.aggregator;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * What one gateway run reported of a budget's period.
 *
 * @param lastAt when it did so last: wall clock, or the time of its calls where they were counted before; epoch ms
 */
record RunSpend(Amounts amounts, long lastAt) {
    static final RunSpend NONE = new RunSpend(Amounts.NONE, 0);

    RunSpend plus(Amounts more, long at) {
        return new RunSpend(amounts.plus(more), Math.max(lastAt, at));
    }

    static Serde<RunSpend> serde() {
        Serde<Amounts> amounts = Amounts.serde();
        return Serdes.serdeFrom(
                (topic, spend) -> {
                    if (spend == null) {
                        return null;
                    }
                    byte[] rest = amounts.serializer().serialize(topic, spend.amounts);
                    return ByteBuffer.allocate(Long.BYTES + rest.length)
                            .putLong(spend.lastAt)
                            .put(rest)
                            .array();
                },
                (topic, bytes) -> {
                    if (bytes == null) {
                        return null;
                    }
                    ByteBuffer buffer = ByteBuffer.wrap(bytes);
                    long lastAt = buffer.getLong();
                    byte[] rest = new byte[buffer.remaining()];
                    buffer.get(rest);
                    return new RunSpend(amounts.deserializer().deserialize(topic, rest), lastAt);
                });
    }
}
