package dev.tokenmeter.gateway.attribution;

import io.vertx.core.MultiMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The caller's trace.
 *
 * @see <a href="https://www.w3.org/TR/trace-context/#traceparent-header">W3C trace context</a>
 */
final class TraceParent {
    private static final Pattern HEADER =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?");

    private TraceParent() {}

    /** The trace id; null where the header is absent or malformed, which the standard says to ignore. */
    static String traceId(MultiMap headers) {
        String value = headers.get("traceparent");
        if (value == null) {
            return null;
        }
        Matcher matcher = HEADER.matcher(value.strip());
        return matcher.matches() ? matcher.group(1) : null;
    }
}
