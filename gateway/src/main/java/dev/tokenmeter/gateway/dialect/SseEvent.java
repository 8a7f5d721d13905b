package dev.tokenmeter.gateway.dialect;

import java.io.ByteArrayOutputStream;

/**
 * The data of one server-sent event: a range of an array, to be used at once. Field names other than {@code data} tell
 * nothing that the providers' JSON does not repeat.
 *
 * @param bytes where the data stands
 * @param offset its first byte
 * @param length its length; 0 for an event without data, such as a comment
 */
public record SseEvent(byte[] bytes, int offset, int length) {
    private static final byte[] DATA = {'d', 'a', 't', 'a'};

    /** Reads one event from its bytes. */
    public static SseEvent parse(byte[] bytes, int from, int to) {
        SseEvent first = null;
        ByteArrayOutputStream joined = null;
        int line = from;
        while (line < to) {
            int end = endOfLine(bytes, line, to);
            SseEvent data = data(bytes, line, end);
            if (data != null && first == null) {
                first = data;
            } else if (data != null) {
                joined = joined == null ? copy(first) : joined;
                joined.write('\n');
                joined.write(bytes, data.offset, data.length);
            }
            line = end + 1;
        }
        if (joined != null) {
            return new SseEvent(joined.toByteArray(), 0, joined.size());
        }
        return first == null ? new SseEvent(bytes, from, 0) : first;
    }

    private static int endOfLine(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] != '\n' && bytes[i] != '\r') {
            i++;
        }
        return i;
    }

    private static SseEvent data(byte[] bytes, int line, int end) {
        int colon = line + DATA.length;
        if (end < colon || !startsWithData(bytes, line)) {
            return null;
        }
        if (end == colon) {
            return new SseEvent(bytes, end, 0);
        }
        if (bytes[colon] != ':') {
            return null;
        }
        int value = colon + 1 < end && bytes[colon + 1] == ' ' ? colon + 2 : colon + 1;
        return new SseEvent(bytes, value, end - value);
    }

    private static boolean startsWithData(byte[] bytes, int line) {
        for (int i = 0; i < DATA.length; i++) {
            if (bytes[line + i] != DATA[i]) {
                return false;
            }
        }
        return true;
    }

    private static ByteArrayOutputStream copy(SseEvent event) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(event.length + 64);
        out.write(event.bytes, event.offset, event.length);
        return out;
    }

    /** Whether the data is exactly this ASCII text. */
    boolean is(String text) {
        if (length != text.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[offset + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
