package dev.tokenmeter.gateway.dialect;

/**
 * Cuts long strings out of JSON text while it passes in pieces of any size, so that whoever parses it need not hold a
 * prompt or an image to find a small field behind it. The text stays valid: strings are cut between characters. For one
 * thread.
 */
final class StringShortener {
    private static final int ESCAPED_UNICODE = 5;

    private final int maxBytes;
    private boolean inString;
    private boolean cutting;
    private int length;
    private int escaped;

    /** @param maxBytes of a string that are kept, a character more at most */
    StringShortener(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** The next piece without the rest of long strings; never longer than the piece. */
    byte[] shorten(byte[] piece) {
        byte[] kept = new byte[piece.length];
        int size = 0;
        for (byte b : piece) {
            if (keeps(b)) {
                kept[size++] = b;
            }
        }
        return size == piece.length ? piece : java.util.Arrays.copyOf(kept, size);
    }

    private boolean keeps(byte b) {
        if (!inString) {
            inString = b == '"';
            length = 0;
            cutting = false;
            return true;
        }
        boolean between = escaped == 0 && (b & 0xC0) != 0x80;
        if (between && b == '"') {
            inString = false;
            return true;
        }
        cutting |= between && length >= maxBytes;
        length++;
        step(b);
        return !cutting;
    }

    /** How many bytes more belong to an escape that has begun; after the backslash, one or, for a code point, five. */
    private void step(byte b) {
        if (escaped == 0) {
            escaped = b == '\\' ? ESCAPED_UNICODE : 0;
        } else if (escaped == ESCAPED_UNICODE && b != 'u') {
            escaped = 0;
        } else {
            escaped--;
        }
    }
}
