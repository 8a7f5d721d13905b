package dev.tokenmeter.gateway.coding;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Zstandard, one frame, with a window of up to what HTTP allows, so that its memory is bounded.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.1">RFC 8878, frame header</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9659">RFC 9659, window size</a>
 */
final class ZstdDecoder implements ContentDecoder {
    static final int MAX_WINDOW = 8 << 20;
    private static final int MAGIC = 0xFD2FB528;
    private static final int MAX_HEAD_BYTES = 18;
    private static final int PART_BYTES = 8192;

    private final ZstdDecompressCtx context = new ZstdDecompressCtx();
    private final ByteBuffer in = ByteBuffer.allocateDirect(PART_BYTES);
    private final ByteBuffer out = ByteBuffer.allocateDirect(PART_BYTES);
    private ByteArrayOutputStream head = new ByteArrayOutputStream();
    private boolean ended;

    /** The frame is only begun once its head is known to be harmless. */
    @Override
    public void feed(byte[] piece, Sink sink) throws IOException {
        byte[] bytes = piece;
        if (head != null) {
            head.writeBytes(piece);
            if (head.size() < MAX_HEAD_BYTES) {
                return;
            }
            bytes = head.toByteArray();
            head = null;
            if (window(bytes) > MAX_WINDOW) {
                throw new IOException("a window of more than " + MAX_WINDOW + " bytes");
            }
        }
        for (int from = 0; from < bytes.length && !ended; from += PART_BYTES) {
            in.clear();
            in.put(bytes, from, Math.min(PART_BYTES, bytes.length - from)).flip();
            if (!decode(sink)) {
                return;
            }
        }
    }

    private boolean decode(Sink sink) throws IOException {
        boolean full = true;
        while (!ended && (in.hasRemaining() || full)) {
            out.clear();
            try {
                ended = context.decompressDirectByteBufferStream(out, in);
            } catch (ZstdException e) {
                throw new IOException("not zstd", e);
            }
            full = !out.hasRemaining();
            byte[] part = new byte[out.flip().remaining()];
            out.get(part);
            if (part.length > 0 && !sink.take(part)) {
                return false;
            }
        }
        return true;
    }

    /** A frame of a single segment has its whole content for a window. */
    private static long window(byte[] bytes) throws IOException {
        ByteBuffer frame = ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        if (frame.getInt() != MAGIC) {
            throw new IOException("not zstd");
        }
        int flags = frame.get();
        boolean single = (flags & 0x20) != 0;
        if (!single) {
            int descriptor = frame.get() & 0xFF;
            long base = 1L << (10 + (descriptor >>> 3));
            return base + base / 8 * (descriptor & 7);
        }
        int dictionary = flags & 3;
        frame.position(frame.position() + (dictionary == 3 ? 4 : dictionary));
        return switch (flags >>> 6 & 3) {
            case 0 -> frame.get() & 0xFF;
            case 1 -> (frame.getShort() & 0xFFFF) + 256;
            case 2 -> frame.getInt() & 0xFFFFFFFFL;
            default -> Math.max(frame.getLong(), 0);
        };
    }

    @Override
    public void close() {
        context.close();
    }
}
