package dev.tokenmeter.standalone.demo;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Answers in the shapes of OpenAI's API reference. */
final class OpenAiWire {
    private static final String ID = "chatcmpl-demo";
    private static final long CREATED = 1_767_225_600L;
    private static final List<String> WORDS = List.of("This", " answer", " costs", " nothing", ".");

    private OpenAiWire() {}

    static JsonObject completion(JsonObject body, DemoUsage usage) {
        JsonObject message = new JsonObject()
                .put("role", "assistant")
                .put("content", String.join("", WORDS))
                .putNull("refusal");
        return new JsonObject()
                .put("id", ID)
                .put("object", "chat.completion")
                .put("created", CREATED)
                .put("model", body.getString("model"))
                .put(
                        "choices",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("index", 0)
                                        .put("message", message)
                                        .putNull("logprobs")
                                        .put("finish_reason", "stop")))
                .put("usage", usage(usage))
                .put("service_tier", "default");
    }

    /** With {@code stream_options.include_usage}: usage null on every chunk but a last one without choices. */
    static List<String> chunks(JsonObject body, DemoUsage usage) {
        boolean includeUsage =
                body.getJsonObject("stream_options", new JsonObject()).getBoolean("include_usage", false);
        List<String> chunks = new ArrayList<>();
        chunks.add(event(chunk(
                body, includeUsage, new JsonObject().put("role", "assistant").put("content", ""), null)));
        WORDS.forEach(word ->
                chunks.add(event(chunk(body, includeUsage, new JsonObject().put("content", word), null))));
        chunks.add(event(chunk(body, includeUsage, new JsonObject(), "stop")));
        if (includeUsage) {
            chunks.add(event(base(body).put("choices", new JsonArray()).put("usage", usage(usage))));
        }
        chunks.add("data: [DONE]\n\n");
        return chunks;
    }

    private static JsonObject chunk(JsonObject body, boolean includeUsage, JsonObject delta, String finishReason) {
        JsonObject choice = new JsonObject()
                .put("index", 0)
                .put("delta", delta)
                .putNull("logprobs")
                .put("finish_reason", finishReason);
        JsonObject chunk = base(body).put("choices", new JsonArray().add(choice));
        return includeUsage ? chunk.putNull("usage") : chunk;
    }

    private static JsonObject base(JsonObject body) {
        return new JsonObject()
                .put("id", ID)
                .put("object", "chat.completion.chunk")
                .put("created", CREATED)
                .put("model", body.getString("model"))
                .put("service_tier", "default");
    }

    private static String event(JsonObject data) {
        return "data: " + data.encode() + "\n\n";
    }

    private static JsonObject usage(DemoUsage usage) {
        return new JsonObject()
                .put("prompt_tokens", usage.inputTokens())
                .put("completion_tokens", usage.outputTokens())
                .put("total_tokens", usage.inputTokens() + usage.outputTokens())
                .put(
                        "prompt_tokens_details",
                        new JsonObject().put("cached_tokens", 0).put("audio_tokens", 0))
                .put(
                        "completion_tokens_details",
                        new JsonObject()
                                .put("reasoning_tokens", 0)
                                .put("audio_tokens", 0)
                                .put("accepted_prediction_tokens", 0)
                                .put("rejected_prediction_tokens", 0));
    }

    static JsonObject embedding(JsonObject body, DemoUsage usage) {
        JsonObject vector = new JsonObject()
                .put("object", "embedding")
                .put("index", 0)
                .put("embedding", new JsonArray().add(0.1).add(-0.2).add(0.3));
        return new JsonObject()
                .put("object", "list")
                .put("data", new JsonArray().add(vector))
                .put("model", body.getString("model"))
                .put(
                        "usage",
                        new JsonObject()
                                .put("prompt_tokens", usage.inputTokens())
                                .put("total_tokens", usage.inputTokens()));
    }

    static JsonObject models() {
        JsonObject model = new JsonObject()
                .put("id", "gpt-4o-mini")
                .put("object", "model")
                .put("created", CREATED)
                .put("owned_by", "demo");
        return new JsonObject().put("object", "list").put("data", new JsonArray().add(model));
    }

    static JsonObject error(String message) {
        return new JsonObject()
                .put(
                        "error",
                        new JsonObject()
                                .put("message", message)
                                .put("type", "invalid_request_error")
                                .putNull("param")
                                .putNull("code"));
    }
}
