package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.Map;

/**
 * OpenAI's usage object in Tokenmeter's buckets.
 *
 * <p>Input counts ({@code prompt_tokens}, or {@code input_tokens} in the Responses, image and audio APIs) include cached
 * and cache-written tokens, and audio; output counts include reasoning, audio and rejected predictions:
 * <a href="https://platform.openai.com/docs/guides/prompt-caching">prompt caching</a>,
 * <a href="https://platform.openai.com/docs/guides/reasoning">reasoning</a>,
 * <a href="https://platform.openai.com/docs/api-reference/chat/object">the chat completion object</a>,
 * <a href="https://platform.openai.com/docs/api-reference/responses/object">the response object</a>.
 * DeepSeek gives hits and misses of its cache, whose sum is {@code prompt_tokens}
 * (<a href="https://api-docs.deepseek.com/guides/kv_cache">context caching</a>). xAI leaves reasoning out of
 * {@code completion_tokens}, which its {@code total_tokens} tells
 * (<a href="https://docs.x.ai/docs/guides/reasoning">reasoning</a>), and states the cost in ticks of 10⁻¹⁰ USD
 * (<a href="https://docs.x.ai/developers/cost-tracking">cost tracking</a>). OpenRouter states the cost in USD credits
 * (<a href="https://openrouter.ai/docs/use-cases/usage-accounting">usage accounting</a>). Gemini's
 * compatible surface counts thoughts in {@code total_tokens} and nowhere else
 * (<a href="https://discuss.ai.google.dev/t/question-with-usage-in-openai-compatibility/98760">usage in OpenAI
 * compatibility</a>). Rerankers and embedders of some servers count in {@code total_tokens} alone
 * (<a href="https://docs.voyageai.com/reference/reranker-api">Voyage</a>,
 * <a href="https://docs.jina.ai">Jina</a>).
 */
final class OpenAiUsage {
    private static final int XAI_TICKS = 10;

    private OpenAiUsage() {}

    /** Whether it counts what a call used: other servers' usage objects have other names. */
    static boolean hasCounts(JsonNode usage, Operation operation) {
        return usage.path("prompt_tokens").isNumber()
                || usage.path("completion_tokens").isNumber()
                || usage.path("input_tokens").isNumber()
                || usage.path("output_tokens").isNumber()
                || isInputOnly(operation) && usage.path("total_tokens").isNumber()
                || !OpenAiUnits.of(usage).isEmpty();
    }

    private static boolean isInputOnly(Operation operation) {
        return operation == Operation.RERANK || operation == Operation.EMBEDDINGS;
    }

    /** Disjoint counts; they add up to the provider's input and output totals. */
    static Map<TokenKind, Long> tokens(JsonNode usage, Operation operation, boolean thoughtsInTotalOnly) {
        Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
        boolean images = operation == Operation.IMAGES;
        input(usage, images, isInputOnly(operation), tokens);
        output(usage, images, operation == Operation.SPEECH, tokens);
        if (thoughtsInTotalOnly) {
            long counted = Counts.of(usage, "prompt_tokens") + Counts.of(usage, "completion_tokens");
            long thoughts = Counts.of(usage, "total_tokens") - counted;
            tokens.merge(TokenKind.REASONING_OUTPUT, thoughts, Math::max);
        }
        return tokens;
    }

    private static void input(JsonNode usage, boolean images, boolean inputOnly, Map<TokenKind, Long> tokens) {
        JsonNode details = Counts.object(usage, "prompt_tokens_details", "input_tokens_details", "input_token_details");
        Remainder rest = new Remainder(
                inputOnly
                        ? Counts.of(usage, "prompt_tokens", "input_tokens", "total_tokens")
                        : Counts.of(usage, "prompt_tokens", "input_tokens"));
        long cached = details.path("cached_tokens").isNumber()
                ? Counts.of(details, "cached_tokens")
                : Counts.of(usage, "prompt_cache_hit_tokens");
        tokens.put(TokenKind.CACHE_READ_INPUT, rest.take(cached));
        tokens.put(TokenKind.CACHE_WRITE_5M_INPUT, rest.take(Counts.of(details, "cache_write_tokens")));
        tokens.put(TokenKind.AUDIO_INPUT, rest.take(Counts.of(details, "audio_tokens")));
        tokens.put(TokenKind.IMAGE_INPUT, rest.take(images ? Counts.of(details, "image_tokens") : 0));
        tokens.put(TokenKind.UNCACHED_INPUT, rest.all());
    }

    private static void output(JsonNode usage, boolean images, boolean speech, Map<TokenKind, Long> tokens) {
        JsonNode details =
                Counts.object(usage, "completion_tokens_details", "output_tokens_details", "output_token_details");
        long total = Counts.of(usage, "completion_tokens", "output_tokens");
        long reasoning = Counts.of(details, "reasoning_tokens");
        Remainder rest = new Remainder(reasoningIsApart(usage, total, reasoning) ? total + reasoning : total);
        tokens.put(TokenKind.REASONING_OUTPUT, rest.take(reasoning));
        tokens.put(TokenKind.AUDIO_OUTPUT, rest.take(speech ? total : Counts.of(details, "audio_tokens")));
        tokens.put(TokenKind.IMAGE_OUTPUT, rest.take(images ? imageOutput(details, total) : 0));
        tokens.put(TokenKind.TEXT_OUTPUT, rest.all());
    }

    private static boolean reasoningIsApart(JsonNode usage, long output, long reasoning) {
        long input = Counts.of(usage, "prompt_tokens", "input_tokens");
        return reasoning > 0 && Counts.of(usage, "total_tokens") == input + output + reasoning;
    }

    private static long imageOutput(JsonNode details, long total) {
        return details.path("image_tokens").isNumber() ? Counts.of(details, "image_tokens") : total;
    }

    /** The cost in USD that OpenRouter, xAI and some others state; null when it is not stated. */
    static BigDecimal statedCost(JsonNode usage) {
        BigDecimal ticks = Counts.amount(usage.path("cost_in_usd_ticks"));
        return ticks == null ? Counts.amount(usage.path("cost")) : ticks.movePointLeft(XAI_TICKS);
    }

    /** A total of which parts are taken, never more than is left, so that odd details cannot inflate it. */
    private static final class Remainder {
        private long left;

        Remainder(long total) {
            left = total;
        }

        long take(long part) {
            long taken = Math.min(part, left);
            left -= taken;
            return taken;
        }

        long all() {
            return take(left);
        }
    }
}
