package dev.tokenmeter.aggregator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Several strings as one, a JSON array: no two lists give the same key, and a common start of lists is one of keys. What
 * needs no escape, nearly everything, is written and read without a JSON library: several keys are made of each event.
 */
final class JsonKey {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BETWEEN = "\",\"";

    private JsonKey() {}

    static String encode(List<String> parts) {
        StringBuilder key = new StringBuilder(128).append('[');
        for (int i = 0; i < parts.size(); i++) {
            append(i == 0 ? key : key.append(','), parts.get(i));
        }
        return key.append(']').toString();
    }

    /** Appends a part as it stands in a key. */
    static void append(StringBuilder key, String part) {
        if (isPlain(part)) {
            key.append('"').append(part).append('"');
            return;
        }
        try {
            key.append(JSON.writeValueAsString(part));
        } catch (JsonProcessingException e) {
            throw new SerializationException(e);
        }
    }

    private static boolean isPlain(String part) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c < ' ' || c == '"' || c == '\\') {
                return false;
            }
        }
        return true;
    }

    static List<String> decode(String key) {
        if (key.startsWith("[\"") && key.endsWith("\"]") && key.indexOf('\\') < 0) {
            return plain(key);
        }
        try {
            return List.of(JSON.readValue(key, String[].class));
        } catch (JsonProcessingException e) {
            throw new SerializationException("not a JSON array of strings", e);
        }
    }

    /** Without an escape, quotation marks stand around parts only. */
    private static List<String> plain(String key) {
        List<String> parts = new ArrayList<>();
        int from = 2;
        int end = key.length() - 2;
        for (int next = key.indexOf(BETWEEN, from); next >= 0; next = key.indexOf(BETWEEN, from)) {
            parts.add(key.substring(from, next));
            from = next + BETWEEN.length();
        }
        parts.add(key.substring(from, end));
        return parts;
    }

    /** What the keys of all lists that begin with these parts, and go on, begin with. */
    static String prefix(List<String> parts) {
        String whole = encode(parts);
        return whole.substring(0, whole.length() - 1) + ",";
    }
}
