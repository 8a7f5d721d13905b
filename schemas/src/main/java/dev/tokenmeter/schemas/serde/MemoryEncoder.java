package dev.tokenmeter.schemas.serde;

import java.util.Arrays;
import org.apache.avro.io.BinaryData;
import org.apache.avro.io.BinaryEncoder;

/** Avro's binary encoding into an array that grows, without the streams and locks between. For one thread. */
final class MemoryEncoder extends BinaryEncoder {
    private static final int LONGEST_NUMBER = 10;

    private byte[] bytes;
    private int size;

    /**
     * @param head put before everything
     * @param usual bytes that are mostly enough
     */
    MemoryEncoder(byte[] head, int usual) {
        bytes = Arrays.copyOf(head, Math.max(usual, head.length));
        size = head.length;
    }

    private void makeRoom(int count) {
        if (bytes.length - size < count) {
            bytes = Arrays.copyOf(bytes, Math.max(size + count, 2 * bytes.length));
        }
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }

    @Override
    public void writeBoolean(boolean b) {
        makeRoom(1);
        size += BinaryData.encodeBoolean(b, bytes, size);
    }

    @Override
    public void writeInt(int n) {
        makeRoom(LONGEST_NUMBER);
        size += BinaryData.encodeInt(n, bytes, size);
    }

    @Override
    public void writeLong(long n) {
        makeRoom(LONGEST_NUMBER);
        size += BinaryData.encodeLong(n, bytes, size);
    }

    @Override
    public void writeFloat(float f) {
        makeRoom(Float.BYTES);
        size += BinaryData.encodeFloat(f, bytes, size);
    }

    @Override
    public void writeDouble(double d) {
        makeRoom(Double.BYTES);
        size += BinaryData.encodeDouble(d, bytes, size);
    }

    @Override
    public void writeFixed(byte[] from, int start, int length) {
        makeRoom(length);
        System.arraycopy(from, start, bytes, size, length);
        size += length;
    }

    @Override
    protected void writeZero() {
        makeRoom(1);
        bytes[size] = 0;
        size++;
    }

    @Override
    public int bytesBuffered() {
        return size;
    }

    @Override
    public void flush() {
        // it is where it belongs
    }
}
