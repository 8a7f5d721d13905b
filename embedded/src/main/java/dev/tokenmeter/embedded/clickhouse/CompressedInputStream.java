package dev.tokenmeter.embedded.clickhouse;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Unpacks {@link CompressedFrames}; holds one frame at a time. Damage is a {@link ChdbException}. */
final class CompressedInputStream extends InputStream {
    private final InputStream in;
    private byte[] data = new byte[0];
    private int at;

    CompressedInputStream(InputStream in) {
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
        int headerBytes = CompressedFrames.CHECKSUM_BYTES + CompressedFrames.HEADER_BYTES;
        byte[] header = in.readNBytes(headerBytes);
        if (header.length == 0) {
            return false;
        }
        if (header.length < headerBytes) {
            throw CompressedFrames.broken("ends with the request");
        }
        int payload = CompressedFrames.payloadLength(header);
        byte[] frame = Arrays.copyOf(header, headerBytes + payload);
        if (in.readNBytes(frame, headerBytes, payload) < payload) {
            throw CompressedFrames.broken("ends with the request");
        }
        data = CompressedFrames.decompress(frame);
        at = 0;
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
