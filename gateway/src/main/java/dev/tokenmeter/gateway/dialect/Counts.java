package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;

/** Reads counts out of usage objects, in which any field may be missing, null or odd. */
final class Counts {
    /** Powers of ten; whatever is billed stays far within. */
    private static final int MAX_MAGNITUDE = 40;

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

    /** A quantity; null for none, and for one such as 1e-999999999, which is quick to read and takes for ever to add. */
    static BigDecimal amount(JsonNode node) {
        if (!node.isNumber()) {
            return null;
        }
        BigDecimal amount = node.decimalValue();
        boolean sane = Math.abs((long) amount.precision() - amount.scale()) <= MAX_MAGNITUDE;
        return amount.signum() == 0 ? BigDecimal.ZERO : sane ? amount : null;
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
