package dev.tokenmeter.gateway.cap;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tokenmeter.gateway.dialect.JsonExcerpt;
import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.estimate.InputBound;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/**
 * What a request may use at most, as far as its text tells: the {@link InputBound bound of its input}, and all the output
 * that it allows. A text completion of several prompts produces as much for each
 * (<a href="https://platform.openai.com/docs/api-reference/completions/create">completions</a>). Gemini's limit stands in
 * {@code generationConfig} (<a href="https://ai.google.dev/api/generate-content#generationconfig">generation config</a>),
 * Bedrock's in {@code inferenceConfig}
 * (<a href="https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html">inference
 * configuration</a>).
 *
 * @param model as the request names it; null when it names none
 */
record RequestEstimate(String model, long inputTokens, long outputTokens) {
    private static final long MOST = 1_000_000_000;
    private static final JsonFactory JSON = JsonExcerpt.factory(Integer.MAX_VALUE);

    /** @param defaultOutputTokens for a request that names no limit */
    static RequestEstimate of(byte[] body, Operation operation, long defaultOutputTokens) {
        Named named = new Named();
        try (JsonParser parser = JSON.createParser(body)) {
            named.read(parser);
        } catch (IOException e) {
            // what was found counts; the provider will say what is wrong with the rest
        }
        long prompts = operation == Operation.COMPLETIONS ? named.prompts : 1;
        long output = producesText(operation) ? prompts * named.output(defaultOutputTokens) : 0;
        return new RequestEstimate(named.model, InputBound.of(body), Math.min(MOST * MOST, output));
    }

    private static boolean producesText(Operation operation) {
        return switch (operation) {
            case EMBEDDINGS, MODERATION, RERANK -> false;
            default -> true;
        };
    }

    /**
     * What the request names at its top level and in its settings; of several limits the largest counts, of several of one
     * name the last.
     */
    private static final class Named {
        private static final long NONE = -1;

        private String model;
        private final Map<String, Long> limits = new HashMap<>(4);
        private final Map<String, Long> choices = new HashMap<>(4);
        private long prompts = 1;

        void read(JsonParser parser) throws IOException {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                fields(parser);
            }
        }

        private void fields(JsonParser parser) throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "model" -> model = value == JsonToken.VALUE_STRING ? parser.getText() : null;
                    // OpenAI's chat (old and new), its responses, Anthropic's messages and text completions
                    case "max_tokens", "max_completion_tokens", "max_output_tokens", "max_tokens_to_sample" ->
                        limits.put(name, bounded(parser, value));
                    // Gemini, Bedrock's Converse, and its models Titan and Llama
                    case "maxOutputTokens", "maxTokens", "maxTokenCount", "max_gen_len" ->
                        limits.put(name, bounded(parser, value));
                    case "n", "best_of", "candidateCount", "candidate_count", "num_generations" ->
                        choices.put(name, bounded(parser, value));
                    case "generationConfig", "generation_config", "inferenceConfig", "textGenerationConfig" ->
                        settings(parser, value);
                    case "prompt" -> prompts = prompts(parser, value);
                    default -> parser.skipChildren();
                }
            }
        }

        private void settings(JsonParser parser, JsonToken value) throws IOException {
            if (value == JsonToken.START_OBJECT) {
                fields(parser);
            } else {
                parser.skipChildren();
            }
        }

        /** Of an array: each is a text or an array of tokens; an array of tokens is one. */
        private static long prompts(JsonParser parser, JsonToken value) throws IOException {
            if (value != JsonToken.START_ARRAY) {
                parser.skipChildren();
                return 1;
            }
            long prompts = 0;
            boolean tokens = false;
            for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                if (next == null) {
                    return Math.max(1, prompts);
                }
                tokens |= next.isNumeric();
                prompts++;
                parser.skipChildren();
            }
            return tokens ? 1 : Math.max(1, prompts);
        }

        private static long bounded(JsonParser parser, JsonToken value) throws IOException {
            if (!value.isNumeric()) {
                parser.skipChildren();
                return NONE;
            }
            BigDecimal number = parser.getDecimalValue();
            return number.compareTo(BigDecimal.valueOf(MOST)) >= 0
                    ? MOST
                    : number.signum() < 0 ? 0 : number.longValue();
        }

        long output(long byDefault) {
            long limit = largest(limits, NONE);
            return (limit < 0 ? byDefault : limit) * largest(choices, 1);
        }

        private static long largest(Map<String, Long> numbers, long atLeast) {
            long largest = atLeast;
            for (long number : numbers.values()) {
                largest = Math.max(largest, number);
            }
            return largest;
        }
    }
}
