package dev.tokenmeter.gateway.coding;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * Gzip, of one member or several. Checksums are not checked: the client will.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1952">RFC 1952</a>
 */
final class GzipDecoder implements ContentDecoder {
    private static final int FIXED_HEAD = 10;
    private static final int TAIL = 8;
    private static final int MAX_HEAD = 1 << 16;
    private static final int HEAD_CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;

    private final ByteArrayOutputStream head = new ByteArrayOutputStream();
    private DeflateDecoder body;
    private int tailLeft;

    @Override
    public void feed(byte[] piece, Sink sink) throws IOException {
        int at = 0;
        while (at < piece.length) {
            if (tailLeft > 0) {
                int skipped = Math.min(tailLeft, piece.length - at);
                tailLeft -= skipped;
                at += skipped;
            } else if (body == null) {
                at = head(piece, at);
            } else {
                at = piece.length - body.feed(piece, at, sink);
                if (!body.finished()) {
                    return;
                }
                close();
                tailLeft = TAIL;
            }
        }
    }

    /** Heads are short, so they are taken byte by byte. */
    private int head(byte[] piece, int from) throws IOException {
        int at = from;
        while (at < piece.length) {
            head.write(piece[at++]);
            if (isWhole(head.toByteArray())) {
                head.reset();
                body = new DeflateDecoder(true);
                return at;
            } else if (head.size() > MAX_HEAD) {
                throw new IOException("not gzip: endless head");
            }
        }
        return at;
    }

    private static boolean isWhole(byte[] bytes) throws IOException {
        if (bytes.length >= 2 && ((bytes[0] & 0xFF) != 0x1F || (bytes[1] & 0xFF) != 0x8B)) {
            throw new IOException("not gzip");
        } else if (bytes.length < FIXED_HEAD) {
            return false;
        }
        int flags = bytes[3];
        int at = FIXED_HEAD;
        if ((flags & EXTRA) != 0) {
            if (bytes.length < at + 2) {
                return false;
            }
            at += 2 + (bytes[at] & 0xFF) + ((bytes[at + 1] & 0xFF) << Byte.SIZE);
        }
        for (int text : new int[] {NAME, COMMENT}) {
            if ((flags & text) != 0) {
                while (at < bytes.length && bytes[at] != 0) {
                    at++;
                }
                at++;
            }
        }
        at += (flags & HEAD_CHECKSUM) != 0 ? 2 : 0;
        return bytes.length >= at;
    }

    @Override
    public void close() {
        if (body != null) {
            body.close();
            body = null;
        }
    }
}
