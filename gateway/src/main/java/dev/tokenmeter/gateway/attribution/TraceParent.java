package dev.tokenmeter.gateway.attribution;

import io.vertx.core.MultiMap;

/**
 * The caller's trace.
 *
 * @see <a href="https://www.w3.org/TR/trace-context/#traceparent-header">W3C trace context</a>
 */
final class TraceParent {
    private static final int TRACE = 3;
    private static final int PARENT = TRACE + 32 + 1;
    private static final int FLAGS = PARENT + 16 + 1;
    private static final int LENGTH = FLAGS + 2;

    private TraceParent() {}

    /** The trace id; null where the header is absent or malformed, which the standard says to ignore. */
    static String traceId(MultiMap headers) {
        String value = headers.get("traceparent");
        if (value == null) {
            return null;
        }
        String trace = value.strip();
        boolean wellFormed = trace.length() >= LENGTH
                && (trace.length() == LENGTH || trace.charAt(LENGTH) == '-')
                && isHex(trace, 0, TRACE - 1)
                && isId(trace, TRACE, PARENT - 1)
                && isId(trace, PARENT, FLAGS - 1)
                && isHex(trace, FLAGS, LENGTH)
                && trace.charAt(TRACE - 1) == '-'
                && trace.charAt(PARENT - 1) == '-'
                && trace.charAt(FLAGS - 1) == '-'
                && !trace.startsWith("ff");
        return wellFormed ? trace.substring(TRACE, PARENT - 1) : null;
    }

    private static boolean isHex(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    /** Hexadecimal, and not all zeros, which stands for none. */
    private static boolean isId(String text, int from, int to) {
        boolean some = false;
        for (int i = from; i < to; i++) {
            some |= text.charAt(i) != '0';
        }
        return some && isHex(text, from, to);
    }
}
