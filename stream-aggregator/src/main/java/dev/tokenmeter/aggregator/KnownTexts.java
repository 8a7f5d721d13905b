package dev.tokenmeter.aggregator;

import java.nio.charset.StandardCharsets;

/**
 * Texts that were read lately, so that the same bytes give the same string again: names of dimensions, parts and buckets, tenants
 * and models stand in nearly every record, and sums that are held in memory then share them. Bounded, what was read last
 * stays. Several threads may use it: strings are immutable, and a lost write costs one more string.
 */
final class KnownTexts {
    private static final int SLOTS = 1 << 12;
    /** Longer ones are seldom the same. */
    private static final int MAX_BYTES = 64;

    private static final int FACTOR = 31;

    private final String[] texts = new String[SLOTS];

    /** What the bytes say in UTF-8. */
    String of(byte[] bytes, int from, int length) {
        if (length > MAX_BYTES) {
            return decoded(bytes, from, length);
        }
        int hash = length;
        for (int i = from; i < from + length; i++) {
            hash = FACTOR * hash + bytes[i];
        }
        int slot = (hash ^ hash >>> 16) & SLOTS - 1;
        String known = texts[slot];
        if (known == null || !isSame(known, bytes, from, length)) {
            known = decoded(bytes, from, length);
            texts[slot] = known;
        }
        return known;
    }

    private static String decoded(byte[] bytes, int from, int length) {
        return new String(bytes, from, length, StandardCharsets.UTF_8);
    }

    /** Only of ASCII, where a byte is a character; a byte of anything else is negative and equals none. */
    private static boolean isSame(String text, byte[] bytes, int from, int length) {
        if (text.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }
}
