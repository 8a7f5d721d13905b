package dev.tokenmeter.schemas;

import java.util.function.ToLongFunction;

/**
 * The disjoint buckets into which every provider's token counts are sorted. A token stands in exactly one of them, so
 * totals are sums and nothing can be priced twice.
 */
public enum TokenKind {
    UNCACHED_INPUT(
            "uncached_input_tokens", true, UsageEvent::getUncachedInputTokens, UsageRollup::getUncachedInputTokens),
    CACHE_READ_INPUT(
            "cache_read_input_tokens", true, UsageEvent::getCacheReadInputTokens, UsageRollup::getCacheReadInputTokens),
    CACHE_WRITE_5M_INPUT(
            "cache_write_5m_input_tokens",
            true,
            UsageEvent::getCacheWrite5mInputTokens,
            UsageRollup::getCacheWrite5mInputTokens),
    CACHE_WRITE_1H_INPUT(
            "cache_write_1h_input_tokens",
            true,
            UsageEvent::getCacheWrite1hInputTokens,
            UsageRollup::getCacheWrite1hInputTokens),
    AUDIO_INPUT("audio_input_tokens", true, UsageEvent::getAudioInputTokens, UsageRollup::getAudioInputTokens),
    IMAGE_INPUT("image_input_tokens", true, UsageEvent::getImageInputTokens, UsageRollup::getImageInputTokens),
    TEXT_OUTPUT("text_output_tokens", false, UsageEvent::getTextOutputTokens, UsageRollup::getTextOutputTokens),
    REASONING_OUTPUT(
            "reasoning_output_tokens",
            false,
            UsageEvent::getReasoningOutputTokens,
            UsageRollup::getReasoningOutputTokens),
    AUDIO_OUTPUT("audio_output_tokens", false, UsageEvent::getAudioOutputTokens, UsageRollup::getAudioOutputTokens),
    IMAGE_OUTPUT("image_output_tokens", false, UsageEvent::getImageOutputTokens, UsageRollup::getImageOutputTokens);

    private final String field;
    private final boolean input;
    private final ToLongFunction<UsageEvent> ofEvent;
    private final ToLongFunction<UsageRollup> ofRollup;

    TokenKind(String field, boolean input, ToLongFunction<UsageEvent> ofEvent, ToLongFunction<UsageRollup> ofRollup) {
        this.field = field;
        this.input = input;
        this.ofEvent = ofEvent;
        this.ofRollup = ofRollup;
    }

    /** Name of the Avro field, the ClickHouse column and the metric in the query API. */
    public String field() {
        return field;
    }

    /** True for what the caller sent, false for what the model produced. */
    public boolean isInput() {
        return input;
    }

    /** Tokens of this kind in an event. */
    public long of(UsageEvent event) {
        return ofEvent.applyAsLong(event);
    }

    /** Tokens of this kind in a rollup. */
    public long of(UsageRollup rollup) {
        return ofRollup.applyAsLong(rollup);
    }

    /** All tokens of an event, input and output. */
    public static long total(UsageEvent event) {
        long total = 0;
        for (TokenKind kind : values()) {
            total = Math.addExact(total, kind.of(event));
        }
        return total;
    }
}
