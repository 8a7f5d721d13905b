package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Writes what the aggregator's own topics and stores hold, for {@link PackedReader} and nobody else: numbers as Avro's and
 * protobuf's zig-zag varints, texts in UTF-8 behind their length. Begins with the version of what follows.
 */
final class PackedWriter {
    private static final int PAYLOAD = 0x7F;
    private static final int MORE = 0x80;
    private static final int BITS = 7;
    private static final char LAST_OF_ASCII = 0x7F;

    private byte[] bytes = new byte[256];
    private int size;

    PackedWriter(int version) {
        number(version);
    }

    PackedWriter number(long value) {
        long rest = (value << 1) ^ (value >> (Long.SIZE - 1));
        ensure(Long.BYTES + 2);
        while ((rest & ~PAYLOAD) != 0) {
            bytes[size++] = (byte) (rest & PAYLOAD | MORE);
            rest >>>= BITS;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    PackedWriter text(String value) {
        int length = value.length();
        int before = size;
        number(length);
        ensure(length);
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c > LAST_OF_ASCII) {
                size = before;
                return block(value.getBytes(StandardCharsets.UTF_8));
            }
            bytes[size++] = (byte) c;
        }
        return this;
    }

    /** At the scale of money. */
    PackedWriter money(BigDecimal usd) {
        return block(Money.exact(usd).unscaledValue().toByteArray());
    }

    <V> PackedWriter map(Map<String, V> entries, BiConsumer<PackedWriter, V> value) {
        number(entries.size());
        entries.forEach((name, one) -> value.accept(text(name), one));
        return this;
    }

    private PackedWriter block(byte[] block) {
        number(block.length);
        ensure(block.length);
        System.arraycopy(block, 0, bytes, size, block.length);
        size += block.length;
        return this;
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }
}
