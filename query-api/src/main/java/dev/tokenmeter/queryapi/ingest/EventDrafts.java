package dev.tokenmeter.queryapi.ingest;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import java.util.Map;

/** Events to be filled in. */
final class EventDrafts {
    private EventDrafts() {}

    /** Of a call that came this way, settled by no gateway's run. */
    static UsageEvent.Builder draft() {
        return UsageEvent.newBuilder().setSource(CallReader.SOURCE).setAttempt(1);
    }

    static void tokens(UsageEvent.Builder event, Map<TokenKind, Long> tokens) {
        event.setUncachedInputTokens(tokens.getOrDefault(TokenKind.UNCACHED_INPUT, 0L))
                .setCacheReadInputTokens(tokens.getOrDefault(TokenKind.CACHE_READ_INPUT, 0L))
                .setCacheWrite5mInputTokens(tokens.getOrDefault(TokenKind.CACHE_WRITE_5M_INPUT, 0L))
                .setCacheWrite1hInputTokens(tokens.getOrDefault(TokenKind.CACHE_WRITE_1H_INPUT, 0L))
                .setAudioInputTokens(tokens.getOrDefault(TokenKind.AUDIO_INPUT, 0L))
                .setImageInputTokens(tokens.getOrDefault(TokenKind.IMAGE_INPUT, 0L))
                .setTextOutputTokens(tokens.getOrDefault(TokenKind.TEXT_OUTPUT, 0L))
                .setReasoningOutputTokens(tokens.getOrDefault(TokenKind.REASONING_OUTPUT, 0L))
                .setAudioOutputTokens(tokens.getOrDefault(TokenKind.AUDIO_OUTPUT, 0L))
                .setImageOutputTokens(tokens.getOrDefault(TokenKind.IMAGE_OUTPUT, 0L));
    }
}
