package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.Map;

/**
 * Gemini's {@code usageMetadata} in Tokenmeter's buckets.
 *
 * <p>{@code promptTokenCount} includes {@code cachedContentTokenCount}, not {@code toolUsePromptTokenCount};
 * {@code candidatesTokenCount} excludes {@code thoughtsTokenCount}, which is billed as output
 * (<a href="https://ai.google.dev/api/generate-content#UsageMetadata">usage metadata</a>,
 * <a href="https://ai.google.dev/gemini-api/docs/thinking#pricing">thinking</a>). Zero counts are left out, and an answer
 * that ends while it thinks has no {@code candidatesTokenCount}. Images and video that are sent cost what text does; audio
 * has a price of its own, also when it is cached (<a href="https://ai.google.dev/gemini-api/docs/pricing">pricing</a>).
 */
final class GeminiUsage {
    private static final String AUDIO = "AUDIO";
    private static final String IMAGE = "IMAGE";

    private GeminiUsage() {}

    /** Whether it counts a call's tokens, and not only says how it was served. */
    static boolean hasCounts(JsonNode usage) {
        return usage.path("promptTokenCount").isNumber()
                || usage.path("candidatesTokenCount").isNumber()
                || usage.path("thoughtsTokenCount").isNumber();
    }

    /** Disjoint counts. */
    static Map<TokenKind, Long> tokens(JsonNode usage) {
        Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
        long input = Counts.of(usage, "promptTokenCount") + Counts.of(usage, "toolUsePromptTokenCount");
        long cached = Math.min(Counts.of(usage, "cachedContentTokenCount"), input);
        long cachedAudio = cachedAudio(usage);
        long audio = modality(usage, "promptTokensDetails", AUDIO)
                + modality(usage, "toolUsePromptTokensDetails", AUDIO)
                - cachedAudio;
        long uncachedAudio = Math.max(0, Math.min(audio, input - cached));
        tokens.put(TokenKind.CACHE_READ_INPUT, cached - cachedAudio);
        tokens.put(TokenKind.AUDIO_INPUT, uncachedAudio);
        tokens.put(TokenKind.UNCACHED_INPUT, input - cached - uncachedAudio);
        output(usage, input, tokens);
        return tokens;
    }

    private static void output(JsonNode usage, long input, Map<TokenKind, Long> tokens) {
        long thoughts = Counts.of(usage, "thoughtsTokenCount");
        long unexplained = Counts.of(usage, "totalTokenCount") - input - thoughts;
        long produced = usage.path("candidatesTokenCount").isNumber()
                ? Counts.of(usage, "candidatesTokenCount")
                : Math.max(0, unexplained);
        long audio = Math.min(modality(usage, "candidatesTokensDetails", AUDIO), produced);
        long image = Math.min(modality(usage, "candidatesTokensDetails", IMAGE), produced - audio);
        tokens.put(TokenKind.REASONING_OUTPUT, thoughts);
        tokens.put(TokenKind.AUDIO_OUTPUT, audio);
        tokens.put(TokenKind.IMAGE_OUTPUT, image);
        tokens.put(TokenKind.TEXT_OUTPUT, produced - audio - image);
    }

    /** Cached audio has neither the price of cached text nor that of audio, so it is a unit of its own. */
    static Map<String, BigDecimal> units(JsonNode usage) {
        long cachedAudio = cachedAudio(usage);
        return cachedAudio == 0 ? Map.of() : Map.of("cache_read_audio_tokens", BigDecimal.valueOf(cachedAudio));
    }

    private static long cachedAudio(JsonNode usage) {
        long input = Counts.of(usage, "promptTokenCount") + Counts.of(usage, "toolUsePromptTokenCount");
        long cached = Math.min(Counts.of(usage, "cachedContentTokenCount"), input);
        return Math.min(modality(usage, "cacheTokensDetails", AUDIO), cached);
    }

    private static long modality(JsonNode usage, String details, String modality) {
        long tokens = 0;
        for (JsonNode detail : usage.path(details)) {
            if (detail.path("modality").asText().equals(modality)) {
                tokens += Counts.of(detail, "tokenCount");
            }
        }
        return tokens;
    }
}
