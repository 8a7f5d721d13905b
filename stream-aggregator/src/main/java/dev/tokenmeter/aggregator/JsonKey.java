package dev.tokenmeter.aggregator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;

/** Several strings as one, a JSON array: no two lists give the same key, and a common start of lists is one of keys. */
final class JsonKey {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonKey() {}

    static String encode(List<String> parts) {
        try {
            return JSON.writeValueAsString(parts);
        } catch (JsonProcessingException e) {
            throw new SerializationException(e);
        }
    }

    static List<String> decode(String key) {
        try {
            return List.of(JSON.readValue(key, String[].class));
        } catch (JsonProcessingException e) {
            throw new SerializationException("not a JSON array of strings", e);
        }
    }

    /** What the keys of all lists that begin with these parts, and go on, begin with. */
    static String prefix(List<String> parts) {
        String whole = encode(parts);
        return whole.substring(0, whole.length() - 1) + ",";
    }
}
