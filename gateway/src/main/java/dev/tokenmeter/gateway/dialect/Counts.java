package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;

/** Reads counts out of usage objects, in which any field may be missing, null or odd. */
final class Counts {
    private Counts() {}

    /** The first of these fields that holds a number; 0 when none does, never negative. */
    static long of(JsonNode object, String... names) {
        for (String name : names) {
            JsonNode value = object.path(name);
            if (value.isNumber()) {
                return Math.max(0, value.asLong());
            }
        }
        return 0;
    }

    /** The first of these fields that holds an object; a missing node when none does. */
    static JsonNode object(JsonNode parent, String... names) {
        for (String name : names) {
            if (parent.path(name).isObject()) {
                return parent.get(name);
            }
        }
        return parent.path("");
    }

    /** A text field, null when absent. */
    static String text(JsonNode object, String name) {
        JsonNode value = object.path(name);
        return value.isTextual() && !value.textValue().isEmpty() ? value.textValue() : null;
    }
}
