package dev.tokenmeter.gateway.dialect;

import java.util.Arrays;

/**
 * Cuts a server-sent event stream into its events, however its bytes arrive. An event ends with a blank line; lines end
 * with LF, CRLF or CR. Every byte comes out again, in order: an event's range includes its blank line. For one thread.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream">the standard</a>
 */
public final class SseSplitter implements StreamSplitter {
    private byte[] buffer = new byte[1024];
    private int size;
    private int scanned;
    private int lineStart;

    @Override
    public void feed(byte[] chunk, Sink sink) {
        append(chunk);
        int eventStart = 0;
        while (scanned < size) {
            byte b = buffer[scanned];
            if (b != '\n' && b != '\r') {
                scanned++;
                continue;
            }
            if (b == '\r' && scanned + 1 == size) {
                break; // its LF may come with the next chunk
            }
            boolean blank = scanned == lineStart;
            scanned += b == '\r' && buffer[scanned + 1] == '\n' ? 2 : 1;
            lineStart = scanned;
            if (blank) {
                sink.piece(buffer, eventStart, scanned);
                eventStart = scanned;
            }
        }
        discard(eventStart);
    }

    @Override
    public byte[] takeRest() {
        byte[] rest = Arrays.copyOf(buffer, size);
        discard(size);
        return rest;
    }

    @Override
    public int pending() {
        return size;
    }

    private void append(byte[] chunk) {
        if (size + chunk.length > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(size + chunk.length, buffer.length * 2));
        }
        System.arraycopy(chunk, 0, buffer, size, chunk.length);
        size += chunk.length;
    }

    private void discard(int count) {
        System.arraycopy(buffer, count, buffer, 0, size - count);
        size -= count;
        scanned = Math.max(0, scanned - count);
        lineStart = Math.max(0, lineStart - count);
    }
}
