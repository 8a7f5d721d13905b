package dev.tokenmeter.gateway.proxy;

import io.vertx.core.http.HttpServerRequest;

/**
 * What a request asks for, brought to one spelling: the path by which a call is judged is the one that the provider is sent.
 * What one server may read as another path than the next does is objected to.
 *
 * @param path with unreserved characters unescaped
 * @param query raw; null for none; may hold a key, so it is never to be logged
 * @param objection why it is refused; null when it is not
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2">RFC 3986, 6.2.2</a>
 */
record RequestTarget(String path, String query, Objection objection) {
    /** Why a request is refused. */
    enum Objection {
        METHOD("bad_method", "A method is written in capital letters, such as POST."),
        CHARACTER(
                "bad_path",
                "The path or its query holds a space, a control character, '#', '\\' or a character beyond ASCII;"
                        + " it must be percent-encoded."),
        ESCAPE(
                "bad_path",
                "The path holds '%' without two hexadecimal digits, or a percent-encoded control character, '/', '\\',"
                        + " '#', '?', '%' or ';'."),
        SEGMENT("bad_path", "The path has . or .. segments.");

        private final String code;
        private final String message;

        Objection(String code, String message) {
            this.code = code;
            this.message = message;
        }

        /** A stable word for machines. */
        String code() {
            return code;
        }

        /** For people. */
        String message() {
            return message;
        }
    }

    private static final String AMBIGUOUS_ESCAPED = "/\\#?%;";
    private static final String UNRESERVED_MARKS = "-._~";

    /** Of a request; CONNECT of HTTP/2 has no target. */
    static RequestTarget of(HttpServerRequest in) {
        String uri = in.uri() == null ? "" : in.uri();
        return of(in.method().name(), uri, in.path() == null ? "/" : in.path(), in.query());
    }

    /**
     * Of its parts.
     *
     * @param uri all of the target, of which path and query are parts
     */
    static RequestTarget of(String method, String uri, String path, String query) {
        if (!isCapitals(method)) {
            return new RequestTarget(path, query, Objection.METHOD);
        } else if (!isClean(uri)) {
            return new RequestTarget(path, query, Objection.CHARACTER);
        }
        String plain = path.indexOf('%') < 0 ? path : unescaped(path);
        if (plain == null) {
            return new RequestTarget(path, query, Objection.ESCAPE);
        }
        return new RequestTarget(plain, query, stepsAside(plain) ? Objection.SEGMENT : null);
    }

    private static boolean isCapitals(String method) {
        for (int i = 0; i < method.length(); i++) {
            if (method.charAt(i) < 'A' || method.charAt(i) > 'Z') {
                return false;
            }
        }
        return !method.isEmpty();
    }

    /** Whether it can stand in a request as it is. */
    static boolean isClean(String uri) {
        for (int i = 0; i < uri.length(); i++) {
            char c = uri.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#' || c == '\\') {
                return false;
            }
        }
        return true;
    }

    /** Null where an escape is broken, or hides what would be read in two ways. */
    private static String unescaped(String path) {
        StringBuilder plain = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c != '%') {
                plain.append(c);
                continue;
            }
            int high = i + 2 < path.length() ? Character.digit(path.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(path.charAt(i + 2), 16);
            int value = low < 0 ? 0 : high * 16 + low;
            if (value < ' ' || value == 0x7f || AMBIGUOUS_ESCAPED.indexOf(value) >= 0) {
                return null;
            }
            if (isUnreserved(value)) {
                plain.append((char) value);
            } else {
                plain.append(path, i, i + 3);
            }
            i += 2;
        }
        return plain.toString();
    }

    private static boolean isUnreserved(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || UNRESERVED_MARKS.indexOf(c) >= 0;
    }

    /** Some servers take what follows {@code ;} in a segment for no part of its name. */
    private static boolean stepsAside(String path) {
        for (int at = path.indexOf("/."); at >= 0; at = path.indexOf("/.", at + 1)) {
            int end = path.startsWith("/..", at) ? at + 3 : at + 2;
            if (end == path.length() || path.charAt(end) == '/' || path.charAt(end) == ';') {
                return true;
            }
        }
        return false;
    }

    /** Neither path nor query: they may hold a key. */
    @Override
    public String toString() {
        return "RequestTarget[" + objection + "]";
    }
}
