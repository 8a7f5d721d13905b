package dev.tokenmeter.standalone.clickhouse;

import com.clickhouse.data.ClickHouseCityHash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Factory;

/**
 * ClickHouse's compressed frames: a CityHash128 of all that follows, the method, the size of the frame without the hash,
 * the size of the data, and the data in LZ4.
 */
final class Lz4Frames {
    static final int CHECKSUM_BYTES = 16;
    static final int HEADER_BYTES = 1 + 2 * Integer.BYTES;

    /** As ClickHouse itself: a frame that claims more is broken, or an attack on our memory. */
    static final int MAX_DATA_BYTES = 1 << 30;

    private static final byte LZ4 = (byte) 0x82;
    private static final byte UNCOMPRESSED = 0x02;

    private Lz4Frames() {}

    static byte[] compress(byte[] data, int offset, int length) {
        var compressor = LZ4Factory.fastestInstance().fastCompressor();
        byte[] frame = new byte[CHECKSUM_BYTES + HEADER_BYTES + compressor.maxCompressedLength(length)];
        int start = CHECKSUM_BYTES + HEADER_BYTES;
        int size = HEADER_BYTES + compressor.compress(data, offset, length, frame, start);
        ByteBuffer buffer = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(CHECKSUM_BYTES, LZ4).putInt(CHECKSUM_BYTES + 1, size).putInt(CHECKSUM_BYTES + 5, length);
        long[] hash = ClickHouseCityHash.cityHash128(frame, CHECKSUM_BYTES, size);
        buffer.putLong(0, hash[0]).putLong(Long.BYTES, hash[1]);
        return java.util.Arrays.copyOf(frame, CHECKSUM_BYTES + size);
    }

    /** How many bytes follow this header, which begins with the checksum. */
    static int payloadLength(byte[] header) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        int size = buffer.getInt(CHECKSUM_BYTES + 1);
        int dataSize = buffer.getInt(CHECKSUM_BYTES + 5);
        if (size < HEADER_BYTES || size > MAX_DATA_BYTES || dataSize < 0 || dataSize > MAX_DATA_BYTES) {
            throw new IOException("compressed frame of impossible size");
        }
        return size - HEADER_BYTES;
    }

    /** @param frame checksum, header and payload */
    static byte[] decompress(byte[] frame) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        long[] hash = ClickHouseCityHash.cityHash128(frame, CHECKSUM_BYTES, frame.length - CHECKSUM_BYTES);
        if (hash[0] != buffer.getLong(0) || hash[1] != buffer.getLong(Long.BYTES)) {
            throw new IOException("checksum of a compressed frame does not match");
        }
        int start = CHECKSUM_BYTES + HEADER_BYTES;
        byte[] data = new byte[buffer.getInt(CHECKSUM_BYTES + 5)];
        switch (frame[CHECKSUM_BYTES]) {
            case LZ4 -> {
                int length = LZ4Factory.fastestInstance()
                        .safeDecompressor()
                        .decompress(frame, start, frame.length - start, data, 0);
                if (length != data.length) {
                    throw new IOException("compressed frame is shorter than it says");
                }
            }
            case UNCOMPRESSED -> System.arraycopy(frame, start, data, 0, data.length);
            default -> throw new IOException("compressed frame is neither LZ4 nor plain");
        }
        return data;
    }
}
