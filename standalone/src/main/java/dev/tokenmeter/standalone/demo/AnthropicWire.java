package dev.tokenmeter.standalone.demo;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Answers in the shapes of Anthropic's API reference. */
final class AnthropicWire {
    private static final List<String> WORDS = List.of("This", " answer", " costs", " nothing", ".");

    private AnthropicWire() {}

    static JsonObject message(JsonObject body, DemoUsage usage) {
        JsonObject text = new JsonObject().put("type", "text").put("text", String.join("", WORDS));
        return envelope(body)
                .put("content", new JsonArray().add(text))
                .put("stop_reason", "end_turn")
                .put("usage", usage(usage, usage.outputTokens()));
    }

    /** The output count of {@code message_start} is a placeholder; {@code message_delta} carries the final one. */
    static List<String> events(JsonObject body, DemoUsage usage) {
        List<String> events = new ArrayList<>();
        JsonObject start = envelope(body)
                .put("content", new JsonArray())
                .putNull("stop_reason")
                .put("usage", usage(usage, 1));
        events.add(event("message_start", new JsonObject().put("message", start)));
        events.add(event(
                "content_block_start",
                new JsonObject()
                        .put("index", 0)
                        .put(
                                "content_block",
                                new JsonObject().put("type", "text").put("text", ""))));
        events.add(event("ping", new JsonObject()));
        for (String word : WORDS) {
            JsonObject delta = new JsonObject().put("type", "text_delta").put("text", word);
            events.add(event(
                    "content_block_delta", new JsonObject().put("index", 0).put("delta", delta)));
        }
        events.add(event("content_block_stop", new JsonObject().put("index", 0)));
        events.add(event(
                "message_delta",
                new JsonObject()
                        .put(
                                "delta",
                                new JsonObject().put("stop_reason", "end_turn").putNull("stop_sequence"))
                        .put("usage", new JsonObject().put("output_tokens", usage.outputTokens()))));
        events.add(event("message_stop", new JsonObject()));
        return events;
    }

    private static JsonObject envelope(JsonObject body) {
        return new JsonObject()
                .put("id", "msg_demo")
                .put("type", "message")
                .put("role", "assistant")
                .put("model", body.getString("model"))
                .putNull("stop_sequence");
    }

    private static JsonObject usage(DemoUsage usage, int outputTokens) {
        return new JsonObject()
                .put("input_tokens", usage.inputTokens())
                .put("cache_creation_input_tokens", 0)
                .put("cache_read_input_tokens", usage.cachedTokens())
                .put("output_tokens", outputTokens)
                .put("service_tier", "standard");
    }

    private static String event(String type, JsonObject data) {
        return "event: " + type + "\ndata: "
                + new JsonObject().put("type", type).mergeIn(data).encode() + "\n\n";
    }
}
