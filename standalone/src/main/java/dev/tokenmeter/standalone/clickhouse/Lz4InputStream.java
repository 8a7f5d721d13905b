package dev.tokenmeter.standalone.clickhouse;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Exception;

/** Unpacks {@link Lz4Frames}; holds one frame at a time. */
final class Lz4InputStream extends InputStream {
    private final InputStream in;
    private byte[] data = new byte[0];
    private int at;

    Lz4InputStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (at == data.length) {
            if (!nextFrame()) {
                return -1;
            }
        }
        int n = Math.min(length, data.length - at);
        System.arraycopy(data, at, target, offset, n);
        at += n;
        return n;
    }

    private boolean nextFrame() throws IOException {
        int headerBytes = Lz4Frames.CHECKSUM_BYTES + Lz4Frames.HEADER_BYTES;
        byte[] header = in.readNBytes(headerBytes);
        if (header.length == 0) {
            return false;
        }
        if (header.length < headerBytes) {
            throw new EOFException("request ends within a compressed frame");
        }
        int payload = Lz4Frames.payloadLength(header);
        byte[] frame = Arrays.copyOf(header, headerBytes + payload);
        if (in.readNBytes(frame, headerBytes, payload) < payload) {
            throw new EOFException("request ends within a compressed frame");
        }
        try {
            data = Lz4Frames.decompress(frame);
        } catch (LZ4Exception e) {
            throw new IOException("compressed frame cannot be unpacked", e);
        }
        at = 0;
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
