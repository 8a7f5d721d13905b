package dev.tokenmeter.pricing.lists;

import dev.tokenmeter.schemas.TokenKind;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One key of LiteLLM's list, taken apart: {@code input_cost_per_token_above_200k_tokens_batches} is the input rate, above
 * 200,000 tokens, in batches.
 *
 * @param base the quantity
 * @param aboveTokens input tokens above which it holds; 0 for any number
 * @param tier service tier as answers name it; empty for the standard one
 */
record LiteLlmKey(String base, long aboveTokens, String tier) {
    /** Quantities that are tokens. */
    static final Map<String, TokenKind> TOKENS = Map.of(
            "input_cost_per_token", TokenKind.UNCACHED_INPUT,
            "cache_read_input_token_cost", TokenKind.CACHE_READ_INPUT,
            "cache_creation_input_token_cost", TokenKind.CACHE_WRITE_5M_INPUT,
            "cache_creation_input_token_cost_above_1hr", TokenKind.CACHE_WRITE_1H_INPUT,
            "output_cost_per_token", TokenKind.TEXT_OUTPUT,
            "output_cost_per_reasoning_token", TokenKind.REASONING_OUTPUT,
            "input_cost_per_audio_token", TokenKind.AUDIO_INPUT,
            "output_cost_per_audio_token", TokenKind.AUDIO_OUTPUT,
            "input_cost_per_image_token", TokenKind.IMAGE_INPUT,
            "output_cost_per_image_token", TokenKind.IMAGE_OUTPUT);

    /** Other quantities that events count, by their names there, with how many of them a figure is for. */
    static final Map<String, Unit> UNITS = Map.ofEntries(
            Map.entry("cache_read_input_audio_token_cost", new Unit("cache_read_audio_tokens", 1)),
            Map.entry("cache_read_input_image_token_cost", new Unit("cache_read_image_tokens", 1)),
            Map.entry("input_cost_per_character", new Unit("characters", 1)),
            Map.entry("input_cost_per_query", new Unit("search_units", 1)),
            Map.entry("input_cost_per_request", new Unit("requests", 1)),
            Map.entry("output_cost_per_image", new Unit("images", 1)),
            Map.entry("output_cost_per_image_0.5K", new Unit("images:0.5K", 1)),
            Map.entry("output_cost_per_image_1K", new Unit("images:1K", 1)),
            Map.entry("output_cost_per_image_2K", new Unit("images:2K", 1)),
            Map.entry("output_cost_per_image_4K", new Unit("images:4K", 1)),
            Map.entry("ocr_cost_per_page", new Unit("pages", 1)),
            Map.entry("google_maps_grounding_cost_per_query", new Unit("google_maps_requests", 1)),
            Map.entry("code_interpreter_cost_per_session", new Unit("code_interpreter_sessions", 1)),
            Map.entry("file_search_cost_per_1k_calls", new Unit("file_search_requests", 1_000)));

    /** @param per how many the figure is for */
    record Unit(String name, long per) {}

    private static final Pattern SHAPE = Pattern.compile(
            "(.+?)(?:_above_(\\d{1,5})k_tokens)?(?:_(batches|flex|priority|ultrafast|balanced|decisions|fast))?");

    static LiteLlmKey of(String key) {
        Matcher matcher = SHAPE.matcher(key);
        if (!matcher.matches()) {
            return new LiteLlmKey(key, 0, "");
        }
        String tier = matcher.group(3);
        return new LiteLlmKey(
                matcher.group(1),
                matcher.group(2) == null ? 0 : Long.parseLong(matcher.group(2)) * 1_000,
                tier == null ? "" : tier.equals("batches") ? "batch" : tier);
    }

    /** Whether it is a rate at all. */
    static boolean isRate(String key) {
        return key.contains("cost") || key.equals("tiered_pricing") || key.equals("off_peak_pricing");
    }
}
