package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** A provider's usage object reduced to what an audit needs: names, numbers, booleans, nulls; no free text can pass. */
final class RawUsage {
    private static final int MAX_CHARS = 16_384;
    private static final int USUAL_CHARS = 400;

    private RawUsage() {}

    /** As JSON; null when there is no usage, or when it is absurdly long. */
    static String of(JsonNode usage) {
        if (usage == null) {
            return null;
        }
        StringBuilder json = new StringBuilder(USUAL_CHARS);
        write(usage, json);
        return json.length() > MAX_CHARS ? null : json.toString();
    }

    /** The one word by which a count may cost several times as much; see {@link AnthropicAnswer}. */
    private static boolean isFast(Map.Entry<String, JsonNode> field) {
        return field.getKey().equals("speed") && field.getValue().asText().equals("fast");
    }

    private static void write(JsonNode node, StringBuilder out) {
        if (node.isObject()) {
            char before = '{';
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                boolean fast = isFast(field);
                if (fast || !field.getValue().isTextual()) {
                    out.append(before).append('"');
                    name(field.getKey(), out);
                    out.append("\":");
                    if (fast) {
                        out.append("\"fast\"");
                    } else {
                        write(field.getValue(), out);
                    }
                    before = ',';
                }
            }
            out.append(before == '{' ? "{}" : "}");
        } else if (node.isArray()) {
            char before = '[';
            for (JsonNode element : node) {
                if (!element.isTextual()) {
                    out.append(before);
                    write(element, out);
                    before = ',';
                }
            }
            out.append(before == '[' ? "[]" : "]");
        } else if (node.isLong() || node.isInt()) {
            out.append(node.longValue());
        } else {
            out.append(node.asText());
        }
    }

    private static void name(String name, StringBuilder out) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c != '_' && !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9')) {
                JsonStringEncoder.getInstance().quoteAsString(name, out);
                return;
            }
        }
        out.append(name); // as nearly all are
    }
}
