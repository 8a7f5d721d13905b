package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A provider's usage object reduced to what an audit needs: names, numbers, booleans, nulls; no text can pass. */
final class RawUsage {
    private static final int MAX_CHARS = 16_384;

    private RawUsage() {}

    /** As JSON; null when there is no usage, or when it is absurdly long. */
    static String of(JsonNode usage) {
        if (usage == null) {
            return null;
        }
        String json = withoutText(usage).toString();
        return json.length() > MAX_CHARS ? null : json;
    }

    private static JsonNode withoutText(JsonNode node) {
        if (node.isObject()) {
            ObjectNode copy = JsonNodeFactory.instance.objectNode();
            node.properties().forEach(field -> {
                if (!field.getValue().isTextual()) {
                    copy.set(field.getKey(), withoutText(field.getValue()));
                }
            });
            return copy;
        }
        if (node.isArray()) {
            ArrayNode copy = JsonNodeFactory.instance.arrayNode();
            for (JsonNode element : node) {
                if (!element.isTextual()) {
                    copy.add(withoutText(element));
                }
            }
            return copy;
        }
        return node;
    }
}
