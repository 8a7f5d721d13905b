package dev.tokenmeter.gateway.coding;

import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Deflate in zlib's format. */
final class DeflateDecoder implements ContentDecoder {
    private static final int PART_BYTES = 8192;

    private final Inflater inflater;

    DeflateDecoder() {
        this(false);
    }

    /** @param bare without zlib's head and tail */
    DeflateDecoder(boolean bare) {
        inflater = new Inflater(bare);
    }

    @Override
    public void feed(byte[] piece, Sink sink) throws IOException {
        feed(piece, 0, sink);
    }

    /** @return how many bytes at the end of the piece do not belong to it any more */
    int feed(byte[] piece, int from, Sink sink) throws IOException {
        inflater.setInput(piece, from, piece.length - from);
        byte[] buffer = new byte[PART_BYTES];
        try {
            while (!inflater.finished()) {
                int length = inflater.inflate(buffer);
                if (length == 0) {
                    if (inflater.needsDictionary()) {
                        throw new IOException("a dictionary is needed");
                    }
                    return 0;
                }
                if (!sink.take(ContentDecoder.part(buffer, length))) {
                    return 0;
                }
            }
        } catch (DataFormatException e) {
            throw new IOException("not deflated", e);
        }
        return inflater.getRemaining();
    }

    boolean finished() {
        return inflater.finished();
    }

    @Override
    public void close() {
        inflater.end();
    }
}
