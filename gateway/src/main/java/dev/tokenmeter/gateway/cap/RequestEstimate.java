package dev.tokenmeter.gateway.cap;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.gateway.dialect.JsonExcerpt;
import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.estimate.InputBound;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;

/**
 * What a request may use at most, as far as its text tells: the {@link InputBound bound of its input}, and all the output
 * that it allows.
 *
 * @param model as the request names it; null when it names none
 */
record RequestEstimate(String model, long inputTokens, long outputTokens) {
    private static final long MOST = 1_000_000_000;
    /** OpenAI's chat (old and new), its responses, Anthropic's messages and text completions. */
    private static final List<String> LIMITS =
            List.of("max_tokens", "max_completion_tokens", "max_output_tokens", "max_tokens_to_sample");

    private static final List<String> CHOICES = List.of("n", "best_of");
    private static final JsonExcerpt.Wanted WANTED = new JsonExcerpt.Wanted(
            Set.of(
                    "model",
                    "max_tokens",
                    "max_completion_tokens",
                    "max_output_tokens",
                    "max_tokens_to_sample",
                    "n",
                    "best_of"),
            Set.of(),
            Set.of());

    /** @param defaultOutputTokens for a request that names no limit */
    static RequestEstimate of(byte[] body, Operation operation, long defaultOutputTokens) {
        JsonNode request = JsonExcerpt.of(WANTED, body, 0, body.length).node();
        long input = InputBound.of(body);
        String model = request.path("model").textValue();
        return new RequestEstimate(model, input, producesText(operation) ? output(request, defaultOutputTokens) : 0);
    }

    private static boolean producesText(Operation operation) {
        return switch (operation) {
            case EMBEDDINGS, MODERATION, RERANK -> false;
            default -> true;
        };
    }

    private static long output(JsonNode request, long defaultOutputTokens) {
        long limit = largest(request, LIMITS, -1);
        long each = limit < 0 ? defaultOutputTokens : limit;
        return each * Math.max(1, largest(request, CHOICES, 1));
    }

    private static long largest(JsonNode request, List<String> names, long byDefault) {
        long largest = byDefault;
        for (String name : names) {
            largest = Math.max(largest, bounded(request.path(name), byDefault));
        }
        return largest;
    }

    private static long bounded(JsonNode number, long byDefault) {
        if (!number.isNumber()) {
            return byDefault;
        }
        BigDecimal value = number.decimalValue();
        return value.compareTo(BigDecimal.valueOf(MOST)) >= 0 ? MOST : value.signum() < 0 ? 0 : value.longValue();
    }
}
