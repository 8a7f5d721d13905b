package dev.tokenmeter.gateway.estimate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenmeter.gateway.dialect.JsonExcerpt;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** Reads JSON that may break off anywhere, amid a string as well: what came before counts. */
final class PartialJson {
    private static final JsonFactory JSON = JsonExcerpt.factory(Integer.MAX_VALUE);
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int LONGEST_CHARACTER = 4;
    /** Of an escape, {@code \}{@code u0000}, the cut may have left all but the last byte. */
    private static final int LONGEST_CUT_ESCAPE = 5;

    private PartialJson() {}

    /** The document as far as it goes; a missing node when there is none. Never throws over what it reads. */
    static JsonNode read(byte[] bytes, int from, int length) {
        byte[] closed = Arrays.copyOfRange(bytes, from, from + lengthOfWholeCharacters(bytes, from, length) + 1);
        closed[closed.length - 1] = '"';
        try (JsonParser parser = JSON.createParser(closed)) {
            return build(parser);
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    private static JsonNode build(JsonParser parser) {
        Deque<ContainerNode<?>> open = new ArrayDeque<>();
        JsonNode root = MissingNode.getInstance();
        String name = null;
        try {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.FIELD_NAME) {
                    name = parser.currentName();
                } else if (token.isStructStart()) {
                    ContainerNode<?> child = token == JsonToken.START_OBJECT ? NODES.objectNode() : NODES.arrayNode();
                    root = root.isMissingNode() ? child : root;
                    attach(open.peek(), name, child);
                    open.push(child);
                } else if (token.isStructEnd()) {
                    open.pop();
                } else {
                    attach(open.peek(), name, scalar(parser, token));
                }
                if (open.isEmpty()) {
                    return root;
                }
            }
        } catch (IOException e) {
            return root; // it breaks off here
        }
        return root;
    }

    private static void attach(ContainerNode<?> parent, String name, JsonNode child) {
        if (parent instanceof ArrayNode array) {
            array.add(child);
        } else if (parent instanceof ObjectNode object) {
            object.set(name, child);
        }
    }

    private static JsonNode scalar(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_STRING -> NODES.textNode(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDecimalValue());
            case VALUE_TRUE, VALUE_FALSE -> NODES.booleanNode(token == JsonToken.VALUE_TRUE);
            default -> NODES.nullNode();
        };
    }

    /** Without a character or an escape that is cut in two at the end. */
    private static int lengthOfWholeCharacters(byte[] bytes, int from, int length) {
        int end = from + length;
        if (length > 0 && (bytes[end - 1] == '}' || bytes[end - 1] == ']')) {
            return length;
        }
        end = endOfWholeCharacters(bytes, from, end);
        int searched = Math.max(from, end - LONGEST_CUT_ESCAPE);
        for (int i = end - 1; i >= searched; i--) {
            if (bytes[i] == '\\') {
                end = i;
                while (end > from && bytes[end - 1] == '\\') {
                    end--;
                }
                break;
            }
        }
        return end - from;
    }

    private static int endOfWholeCharacters(byte[] bytes, int from, int end) {
        int lead = end - 1;
        while (lead > from && end - lead < LONGEST_CHARACTER && (bytes[lead] & 0xC0) == 0x80) {
            lead--;
        }
        int length = lead < from || bytes[lead] >= 0 ? 1 : Integer.numberOfLeadingZeros(~bytes[lead] << 24);
        return lead + length > end ? lead : end;
    }
}
