package dev.tokenmeter.gateway.estimate;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.gateway.dialect.SseEvent;
import dev.tokenmeter.gateway.dialect.SseSplitter;

/**
 * What of an answer its model produced, in any of the dialects, told apart by their shape: servers that speak like OpenAI
 * or Anthropic mix them. Sources are those named in the dialects' own readers of usage. For one thread.
 */
final class AnswerText {
    private final Produced produced = new Produced();

    private AnswerText() {}

    /** Of an answer, which may break off: an event stream, or JSON. */
    static Produced of(byte[] body, boolean eventStream) {
        AnswerText text = new AnswerText();
        if (eventStream) {
            SseSplitter splitter = new SseSplitter();
            splitter.feed(body, text::event);
            byte[] rest = splitter.takeRest();
            text.event(rest, 0, rest.length);
        } else {
            text.documents(PartialJson.read(body, 0, body.length));
        }
        return text.produced;
    }

    private void event(byte[] bytes, int from, int to) {
        SseEvent event = SseEvent.parse(bytes, from, to);
        documents(PartialJson.read(event.bytes(), event.offset(), event.length()));
    }

    /** Gemini streams an array of answers where it is not asked for events. */
    private void documents(JsonNode document) {
        if (document.isArray()) {
            document.forEach(this::document);
        } else {
            document(document);
        }
    }

    private void document(JsonNode document) {
        String type = document.path("type").asText();
        document.path("choices").forEach(this::choice);
        document.path("candidates").forEach(this::candidate);
        if (type.startsWith("response.")) {
            responsesEvent(type, document);
        } else if (type.startsWith("content_block_")) {
            String block = document.path("index").asText();
            block(block, document.path("content_block"));
            block(block, document.path("delta"));
        } else {
            each("", document.path("content"));
            document.path("output").forEach(this::item);
            produced.text("", text(document, "completion"));
        }
        if (hasOutputCount(document)) {
            produced.counted();
        }
    }

    private void choice(JsonNode choice) {
        String block = choice.path("index").asText();
        produced.text(block, text(choice, "text"));
        message(block, choice.path("delta"));
        message(block, choice.path("message"));
    }

    private void message(String block, JsonNode message) {
        produced.text(block, text(message, "content"));
        each(block, message.path("content"));
        produced.text(block, text(message, "refusal"));
        String reasoning = text(message, "reasoning_content");
        produced.reasoning(block, reasoning == null ? text(message, "reasoning") : reasoning);
        function(block + "f", message.path("function_call"));
        for (JsonNode call : message.path("tool_calls")) {
            function(block + "t" + call.path("index").asText(), call.path("function"));
        }
    }

    private void function(String block, JsonNode function) {
        produced.text(block, text(function, "name"));
        produced.text(block, text(function, "arguments"));
    }

    private void candidate(JsonNode candidate) {
        String block = candidate.path("index").asText();
        for (JsonNode part : candidate.path("content").path("parts")) {
            if (part.path("thought").asBoolean()) {
                produced.reasoning(block, text(part, "text"));
            } else {
                produced.text(block, text(part, "text"));
            }
            JsonNode call = part.path("functionCall");
            produced.text(block, text(call, "name"));
            produced.text(block, json(call.path("args")));
            produced.text(block, text(part.path("executableCode"), "code"));
        }
    }

    /** Of a Responses stream: what is repeated whole in {@code .done} events, and sound, is left out. */
    private void responsesEvent(String type, JsonNode event) {
        String block = event.path("output_index").asText() + type;
        if (type.equals("response.output_item.added")) {
            produced.text(block, text(event.path("item"), "name"));
        } else if (type.endsWith(".delta") && !type.endsWith("audio.delta")) {
            if (type.contains("reasoning")) {
                produced.reasoning(block, text(event, "delta"));
            } else {
                produced.text(block, text(event, "delta"));
            }
        }
    }

    private void item(JsonNode item) {
        if (item.path("type").asText().equals("reasoning")) {
            item.path("summary").forEach(part -> produced.reasoning("", text(part, "text")));
            item.path("content").forEach(part -> produced.reasoning("", text(part, "text")));
        } else {
            each("", item.path("content"));
            function("f", item);
        }
    }

    private void each(String block, JsonNode blocks) {
        if (blocks.isArray()) {
            blocks.forEach(element -> block(block, element));
        }
    }

    /** A content block, or a delta of one. */
    private void block(String index, JsonNode block) {
        produced.text(index, text(block, "text"));
        produced.reasoning(index, text(block, "thinking"));
        produced.text(index, text(block, "partial_json"));
        if (block.path("type").asText().endsWith("tool_use")) {
            produced.text(index, text(block, "name"));
            produced.text(index, json(block.path("input")));
        }
    }

    /** Anthropic's {@code message_start} counts too, but before there is anything: it is not looked at. */
    private static boolean hasOutputCount(JsonNode document) {
        return document.path("usage").path("completion_tokens").isNumber()
                || document.path("usage").path("output_tokens").isNumber()
                || document.path("x_groq")
                        .path("usage")
                        .path("completion_tokens")
                        .isNumber()
                || document.path("response").path("usage").path("output_tokens").isNumber()
                || document.path("usageMetadata").path("candidatesTokenCount").isNumber()
                || document.path("usageMetadata").path("thoughtsTokenCount").isNumber();
    }

    private static String text(JsonNode object, String name) {
        return object.path(name).textValue();
    }

    private static String json(JsonNode value) {
        return value.isEmpty() ? null : value.toString();
    }
}
