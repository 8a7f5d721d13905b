package dev.tokenmeter.gateway.estimate;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What of a request its model reads, in any of the dialects: messages, instructions, tools and schemas, but not settings
 * and ids. What is no text gets a flat number of tokens: an image (or another file) that of OpenAI's example of 1024 × 1024
 * pixels in high detail (<a href="https://platform.openai.com/docs/guides/images-vision">images and vision</a>), a message
 * the frame that OpenAI puts around it
 * (<a href="https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken">counting tokens</a>). For one thread.
 */
final class RequestText {
    private static final int TOKENS_PER_FILE = 765;
    private static final int TOKENS_PER_MESSAGE = 3;
    private static final int TOKENS_BEFORE_ANSWER = 3;

    private static final Set<String> READ = Set.of(
            "messages",
            "system",
            "prompt",
            "suffix",
            "input",
            "instructions",
            "tools",
            "functions",
            "response_format",
            "text",
            "contents",
            "content",
            "requests",
            "systemInstruction",
            "system_instruction");
    /** Below these the names of fields are read by the model as well: schemas, and arguments that fit them. */
    private static final Set<String> SCHEMAS =
            Set.of("tools", "functions", "response_format", "text", "args", "response", "input_schema", "arguments");

    private static final Set<String> FILES = Set.of("data", "file_data", "url", "image_url", "fileUri", "file_uri");
    private static final Set<String> SILENT = Set.of(
            "type",
            "id",
            "tool_call_id",
            "tool_use_id",
            "call_id",
            "file_id",
            "model",
            "taskType",
            "media_type",
            "mimeType",
            "mime_type",
            "format",
            "detail",
            "ttl",
            "status",
            "signature",
            "thoughtSignature",
            "encrypted_content");

    private final List<String> texts = new ArrayList<>();
    private long tokens;

    private RequestText() {}

    /** Of a request's JSON, which may break off. */
    static RequestText of(byte[] json) {
        RequestText text = new RequestText();
        JsonNode request = PartialJson.read(json, 0, json.length);
        for (Map.Entry<String, JsonNode> field : request.properties()) {
            if (READ.contains(field.getKey())) {
                boolean schema = field.getValue().isContainerNode() && SCHEMAS.contains(field.getKey());
                text.read(field.getKey(), field.getValue(), schema);
            }
        }
        boolean chat = request.has("messages") || request.has("contents");
        text.tokens += chat ? TOKENS_BEFORE_ANSWER : 0;
        return text;
    }

    private void read(String name, JsonNode value, boolean schema) {
        if (value.isTextual()) {
            text(name, value.textValue(), schema);
        } else if (value.isNumber() || value.isBoolean() && schema) {
            tokens++; // of prompts and inputs that come as tokens, exactly one
        } else if (value.isArray()) {
            value.forEach(element -> read(name, element, schema));
        } else {
            object(value, schema);
        }
    }

    private void text(String name, String text, boolean schema) {
        if (text.startsWith("data:") || FILES.contains(name) && !schema) {
            tokens += TOKENS_PER_FILE;
        } else if (schema || !SILENT.contains(name)) {
            texts.add(text);
        }
    }

    private void object(JsonNode object, boolean schema) {
        tokens += object.has("role") && !schema ? TOKENS_PER_MESSAGE : 0;
        tokens += object.path("role").isTextual() && object.path("name").isTextual() ? 1 : 0;
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            boolean arguments = field.getValue().isObject() && field.getKey().equals("input");
            boolean below = schema
                    || arguments
                    || SCHEMAS.contains(field.getKey()) && field.getValue().isObject();
            if (schema) {
                texts.add(field.getKey());
            }
            read(field.getKey(), field.getValue(), below);
        }
    }

    /** Its texts, in order. */
    List<String> texts() {
        return texts;
    }

    /** Tokens of what is no text. */
    long tokens() {
        return tokens;
    }
}
