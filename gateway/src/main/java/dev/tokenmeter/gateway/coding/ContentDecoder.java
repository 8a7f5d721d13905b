package dev.tokenmeter.gateway.coding;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * Undoes a content coding while its bytes pass in pieces of any size. What a piece decodes to is handed out in small parts,
 * so that a small piece that stands for much takes no memory; whoever takes it may stop. For one thread.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1">RFC 9110, 8.4.1</a>
 */
public interface ContentDecoder extends AutoCloseable {
    /** The codings that are understood. */
    Set<String> KNOWN = Set.of("gzip", "x-gzip", "deflate", "zstd");

    /** Zlib's window and what it keeps beside that, generously. */
    int INFLATER_BYTES = 64 << 10;

    /** Takes decoded bytes. */
    interface Sink {
        /** @return whether it wants more; if not, the rest of the piece is not decoded */
        boolean take(byte[] bytes);
    }

    /**
     * Decodes the next piece.
     *
     * @throws IOException if this is not what it should be
     */
    void feed(byte[] piece, Sink sink) throws IOException;

    /** Frees what it holds outside the heap. */
    @Override
    void close();

    /** Whether {@link #of} understands it. */
    static boolean isKnown(String contentEncoding) {
        return KNOWN.contains(contentEncoding.strip().toLowerCase(Locale.ROOT));
    }

    /** How much memory a decoder takes at most, bytes. */
    static int memory(String contentEncoding) {
        return contentEncoding.strip().equalsIgnoreCase("zstd") ? ZstdDecoder.MAX_WINDOW : INFLATER_BYTES;
    }

    /** Of a content-encoding header; null for one that is not understood, or several. */
    static ContentDecoder of(String contentEncoding) {
        return switch (contentEncoding.strip().toLowerCase(Locale.ROOT)) {
            case "gzip", "x-gzip" -> new GzipDecoder();
            case "deflate" -> new DeflateDecoder();
            case "zstd" -> new ZstdDecoder();
            default -> null;
        };
    }

    /**
     * Decodes a whole.
     *
     * @param maxBytes that it may decode to
     * @return null if it decodes to more
     * @throws IOException if this is not what it should be
     */
    static byte[] decode(ContentDecoder decoder, byte[] whole, int maxBytes) throws IOException {
        try (decoder) {
            ByteArrayOutputStream out = new ByteArrayOutputStream(Math.min(maxBytes, whole.length * 4));
            decoder.feed(whole, bytes -> {
                out.write(bytes, 0, Math.min(bytes.length, maxBytes + 1 - out.size()));
                return out.size() <= maxBytes;
            });
            return out.size() > maxBytes ? null : out.toByteArray();
        }
    }

    /** The first bytes of a buffer, which may be used again. */
    static byte[] part(byte[] buffer, int length) {
        return Arrays.copyOf(buffer, length);
    }
}
