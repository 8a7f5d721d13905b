package dev.tokenmeter.gateway.dialect;

import java.util.Locale;

/** What a billed call does, as the event's {@code operation} names it. */
public enum Operation {
    CHAT,
    RESPONSES,
    MESSAGES,
    GENERATE_CONTENT,
    COMPLETIONS,
    EMBEDDINGS,
    IMAGES,
    /** Audio in, text out: transcription and translation. */
    TRANSCRIPTION("audio"),
    /** Text in, audio out. */
    SPEECH("audio"),
    /** Any other audio. */
    AUDIO,
    MODERATION,
    RERANK,
    /** A POST to a path that the dialect does not know: forwarded and metered, so that no spend hides there. */
    OTHER;

    private final String label;

    Operation() {
        this.label = name().toLowerCase(Locale.ROOT);
    }

    Operation(String label) {
        this.label = label;
    }

    /** Whether all its requests are JSON with text, whatever they say of themselves. */
    public boolean takesText() {
        return switch (this) {
            case CHAT, RESPONSES, MESSAGES, GENERATE_CONTENT, COMPLETIONS, EMBEDDINGS -> true;
            default -> false;
        };
    }

    /** The name in events and metrics. */
    public String label() {
        return label;
    }
}
