package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Picks the usage out of one call's answer, which is one JSON document or a stream of them. Stateful; for one event loop.
 */
public interface AnswerShape {
    /** What a document was. */
    enum Part {
        /** Goes to the client at once. */
        CONTENT,
        /** Holds usage and nothing else; a client that did not ask for usage need not see it. */
        USAGE_ONLY,
        /** The answer is complete with it. */
        LAST
    }

    /** The fields that {@link #accept} wants to see; all else, content above all, is skipped unread. */
    JsonExcerpt.Wanted wanted();

    /** Takes one document's excerpt. */
    Part accept(JsonNode excerpt);

    /**
     * What was read so far.
     *
     * @param endedWell whether the answer ended as the provider meant it to
     */
    UsageReading reading(boolean endedWell);
}
