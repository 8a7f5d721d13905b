package dev.tokenmeter.standalone.demo;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * What a request to {@link DemoProvider} uses: one input token for every four characters of its text, one output token
 * for each of {@code max_tokens} (or {@code max_completion_tokens}; 16 without it), and, of Anthropic's, every token of a
 * system prompt marked with {@code cache_control} as read from the cache.
 */
record DemoUsage(int inputTokens, int cachedTokens, int outputTokens) {
    private static final int CHARACTERS_PER_TOKEN = 4;
    private static final int DEFAULT_OUTPUT = 16;

    static DemoUsage of(JsonObject body) {
        int cached = tokens(cachedCharacters(body.getValue("system")));
        int input = tokens(characters(body.getValue("messages")) + characters(body.getValue("input")));
        int output = body.getInteger("max_completion_tokens", body.getInteger("max_tokens", DEFAULT_OUTPUT));
        return new DemoUsage(input, cached, output);
    }

    private static int tokens(int characters) {
        return (characters + CHARACTERS_PER_TOKEN - 1) / CHARACTERS_PER_TOKEN;
    }

    private static int cachedCharacters(Object system) {
        int characters = 0;
        if (system instanceof JsonArray blocks) {
            for (Object block : blocks) {
                if (block instanceof JsonObject object && object.containsKey("cache_control")) {
                    characters += characters(object.getValue("text"));
                }
            }
        }
        return characters;
    }

    private static int characters(Object value) {
        if (value instanceof String text) {
            return text.length();
        }
        if (value instanceof JsonArray array) {
            return array.stream().mapToInt(DemoUsage::characters).sum();
        }
        if (value instanceof JsonObject object) {
            return characters(object.getValue("content")) + characters(object.getValue("text"));
        }
        return 0;
    }
}
