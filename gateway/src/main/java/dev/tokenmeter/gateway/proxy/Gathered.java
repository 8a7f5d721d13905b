package dev.tokenmeter.gateway.proxy;

import io.vertx.core.buffer.Buffer;

/** A body in the making. Most come in one part, which then is the body and is not copied. For one event loop. */
final class Gathered {
    private Buffer whole = Buffer.buffer();
    private byte[] bytes;
    private int parts;

    int length() {
        return whole.length();
    }

    /** @param its the part's bytes, not to be changed */
    void add(Buffer part, byte[] its) {
        parts++;
        if (parts == 1) {
            whole = part;
            bytes = its;
        } else {
            whole = parts == 2 ? whole.copy() : whole;
            whole.appendBytes(its);
            bytes = null;
        }
    }

    Buffer whole() {
        return whole;
    }

    /** The same as an array, if that is there already; null otherwise. */
    byte[] bytes() {
        return bytes;
    }
}
