package dev.tokenmeter.aggregator.anomaly;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Several texts as one key, each ended by a zero, so that a common start of lists is one of keys and no two lists give the
 * same key.
 */
final class Keys {
    private static final char END = '\0';
    private static final char ESCAPE = '\1';
    /** Makes epoch minutes of equal length, so that their order is that of time. */
    private static final long MINUTES_BASE = 10_000_000_000L;

    private Keys() {}

    static String of(String... parts) {
        StringBuilder key = new StringBuilder(96);
        for (String part : parts) {
            append(key, part);
        }
        return key.toString();
    }

    static void append(StringBuilder key, String part) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c <= ESCAPE) {
                key.append(ESCAPE).append((char) (c + 2));
            } else {
                key.append(c);
            }
        }
        key.append(END);
    }

    static List<String> parts(String key) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c == END) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c == ESCAPE ? (char) (key.charAt(++i) - 2) : c);
            }
        }
        return parts;
    }

    /** Sorts after all keys that begin with whole parts, and is none itself. */
    static String after(String prefix) {
        return prefix.substring(0, prefix.length() - 1) + ESCAPE;
    }

    static String minute(Instant at) {
        return Long.toString(MINUTES_BASE + Math.floorDiv(at.getEpochSecond(), 60L));
    }

    static Instant instant(String minute) {
        return Instant.ofEpochSecond((Long.parseLong(minute) - MINUTES_BASE) * 60);
    }
}
