package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.errors.SerializationException;

/** Reads what {@link PackedWriter} wrote, in the same order. */
final class PackedReader {
    private static final int PAYLOAD = 0x7F;
    private static final int BITS = 7;

    private final byte[] bytes;
    private final KnownTexts texts;
    private int position;

    /** @throws SerializationException if it is of another version */
    PackedReader(byte[] bytes, int version, KnownTexts texts) {
        this.bytes = bytes;
        this.texts = texts;
        long found = number();
        if (found != version) {
            throw new SerializationException("of version " + found + ", expected " + version);
        }
    }

    /**
     * Of numbers and amounts, without texts.
     *
     * @throws SerializationException if it is of another version
     */
    PackedReader(byte[] bytes, int version) {
        this(bytes, version, null);
    }

    long number() {
        long rest = 0;
        int shift = 0;
        byte next;
        do {
            next = bytes[position++];
            rest |= (long) (next & PAYLOAD) << shift;
            shift += BITS;
        } while (next < 0);
        return (rest >>> 1) ^ -(rest & 1);
    }

    String text() {
        int length = (int) number();
        position += length;
        return texts.of(bytes, position - length, length);
    }

    BigDecimal money() {
        int length = (int) number();
        position += length;
        if (length <= Long.BYTES) {
            return BigDecimal.valueOf(unscaled(length), Money.SCALE);
        }
        return new BigDecimal(new BigInteger(bytes, position - length, length), Money.SCALE);
    }

    /** Of the bytes before the position, two's complement, the highest first, as BigInteger has them. */
    private long unscaled(int length) {
        long value = length == 0 ? 0 : bytes[position - length];
        for (int i = position - length + 1; i < position; i++) {
            value = value << Byte.SIZE | bytes[i] & 0xFF;
        }
        return value;
    }

    /** In the order in which it was written; one that is empty must not be changed. */
    <V> Map<String, V> map(Function<PackedReader, V> value) {
        int entries = (int) number();
        if (entries == 0) {
            return Map.of();
        }
        Map<String, V> map = new LinkedHashMap<>(entries * 2);
        for (int i = 0; i < entries; i++) {
            map.put(text(), value.apply(this));
        }
        return map;
    }
}
