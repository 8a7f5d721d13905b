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
    AUDIO,
    MODERATION,
    RERANK,
    /** A POST to a path that the dialect does not know: forwarded and metered, so that no spend hides there. */
    OTHER;

    /** The name in events and metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
