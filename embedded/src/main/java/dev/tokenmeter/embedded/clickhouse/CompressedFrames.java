package dev.tokenmeter.embedded.clickhouse;

import com.clickhouse.data.ClickHouseCityHash;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;

/**
 * ClickHouse's compressed frames: a CityHash128 of all that follows, the method, the size of the frame without the hash,
 * the size of the data, and the data. Clients send LZ4 or (by default, since client-v2 0.11) ZSTD; we answer in LZ4.
 */
final class CompressedFrames {
    static final int CHECKSUM_BYTES = 16;
    static final int HEADER_BYTES = 1 + 2 * Integer.BYTES;

    /** As ClickHouse itself: a frame that claims more is broken, or an attack on our memory. */
    static final int MAX_DATA_BYTES = 1 << 30;

    private static final byte LZ4 = (byte) 0x82;
    private static final byte ZSTD = (byte) 0x90;
    private static final byte UNCOMPRESSED = 0x02;
    private static final int CANNOT_DECOMPRESS = 271;

    private CompressedFrames() {}

    static byte[] compress(byte[] data, int offset, int length) {
        var compressor = LZ4Factory.fastestInstance().fastCompressor();
        byte[] frame = new byte[CHECKSUM_BYTES + HEADER_BYTES + compressor.maxCompressedLength(length)];
        int start = CHECKSUM_BYTES + HEADER_BYTES;
        int size = HEADER_BYTES + compressor.compress(data, offset, length, frame, start);
        ByteBuffer buffer = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(CHECKSUM_BYTES, LZ4).putInt(CHECKSUM_BYTES + 1, size).putInt(CHECKSUM_BYTES + 5, length);
        long[] hash = ClickHouseCityHash.cityHash128(frame, CHECKSUM_BYTES, size);
        buffer.putLong(0, hash[0]).putLong(Long.BYTES, hash[1]);
        return Arrays.copyOf(frame, CHECKSUM_BYTES + size);
    }

    /**
     * How many bytes follow this header, which begins with the checksum.
     *
     * @throws ChdbException if that cannot be
     */
    static int payloadLength(byte[] header) {
        ByteBuffer buffer = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        int size = buffer.getInt(CHECKSUM_BYTES + 1);
        int dataSize = buffer.getInt(CHECKSUM_BYTES + 5);
        if (size < HEADER_BYTES || size > MAX_DATA_BYTES || dataSize < 0 || dataSize > MAX_DATA_BYTES) {
            throw broken("has an impossible size");
        }
        return size - HEADER_BYTES;
    }

    /**
     * The data of a frame.
     *
     * @param frame checksum, header and payload
     * @throws ChdbException if the frame is damaged
     */
    static byte[] decompress(byte[] frame) {
        ByteBuffer buffer = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        long[] hash = ClickHouseCityHash.cityHash128(frame, CHECKSUM_BYTES, frame.length - CHECKSUM_BYTES);
        if (hash[0] != buffer.getLong(0) || hash[1] != buffer.getLong(Long.BYTES)) {
            throw broken("does not match its checksum");
        }
        byte[] data = new byte[buffer.getInt(CHECKSUM_BYTES + 5)];
        if (unpack(frame, data) != data.length) {
            throw broken("has another length than it says");
        }
        return data;
    }

    private static long unpack(byte[] frame, byte[] data) {
        int start = CHECKSUM_BYTES + HEADER_BYTES;
        int length = frame.length - start;
        try {
            return switch (frame[CHECKSUM_BYTES]) {
                case LZ4 -> LZ4Factory.fastestInstance().safeDecompressor().decompress(frame, start, length, data, 0);
                case ZSTD -> Zstd.decompressByteArray(data, 0, data.length, frame, start, length);
                case UNCOMPRESSED -> {
                    System.arraycopy(frame, start, data, 0, Math.min(length, data.length));
                    yield length;
                }
                default -> throw broken("is in neither LZ4 nor ZSTD");
            };
        } catch (LZ4Exception | ZstdException e) {
            throw broken("cannot be unpacked: " + e.getMessage());
        }
    }

    static ChdbException broken(String how) {
        return new ChdbException(CANNOT_DECOMPRESS, "compressed frame " + how + " (CANNOT_DECOMPRESS)");
    }
}
