package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import dev.tokenmeter.gateway.coding.ContentDecoder;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;

/**
 * Reads the usage while an answer's bytes pass, and says which of them may flow on: all, at once, but for the end of the
 * answer, which is held until the call is metered. For one event loop; never blocks, never throws over what it reads.
 */
public interface UsageReader {
    /**
     * Takes the next bytes.
     *
     * @return the bytes that may go to the client now, often the very same; never null
     */
    Buffer pass(Buffer chunk);

    /** Whether the end of the answer has been seen. */
    boolean complete();

    /** Hands out the bytes that were held back. */
    Buffer takeHeld();

    /** Whether this is an answer of a kind whose text can be read. */
    default boolean reads() {
        return true;
    }

    /** Whether the answer was too long, or too odd, to be read. */
    boolean unreadable();

    /** What was read so far; {@code endedWell} as in {@link AnswerShape#reading}. */
    UsageReading reading(boolean endedWell);

    /** Makes readers that share a bound. */
    final class Factory {
        private final int maxBytes;
        private final JsonFactory json;

        /** @param maxBytes longest JSON answer, and longest single event of a stream, that is read; longer ones pass unread */
        public Factory(int maxBytes) {
            this.maxBytes = maxBytes;
            this.json = JsonExcerpt.factory(maxBytes);
        }

        /** See <a href="https://jsonlines.org">JSON Lines</a>; {@code stream+json} is Cohere's name for them. */
        private static boolean isLines(String type) {
            return type.contains("ndjson") || type.contains("jsonl") || type.contains("stream+json");
        }

        /**
         * A reader for an answer.
         *
         * @param shape where usage stands in it
         * @param contentType of the answer; null when it has none
         * @param encoding its content coding; null for none
         * @param hideUsage whether to take out stream events that hold nothing but usage
         */
        public UsageReader create(AnswerShape shape, String contentType, String encoding, boolean hideUsage) {
            String type = contentType == null ? "" : contentType.toLowerCase(Locale.ROOT);
            if (encoding == null) {
                return plain(shape, type, hideUsage);
            }
            ContentDecoder decoder = ContentDecoder.of(encoding);
            return decoder == null
                    ? new OpaqueReader(true)
                    : new DecodingReader(decoder, plain(shape, type, false), maxBytes);
        }

        private UsageReader plain(AnswerShape shape, String type, boolean hideUsage) {
            if (type.startsWith("text/event-stream")) {
                return new SseUsageReader(shape, maxBytes, hideUsage);
            }
            if (isLines(type)) {
                return new LinesUsageReader(shape, maxBytes);
            }
            return type.contains("json") ? new JsonUsageReader(shape, json) : new OpaqueReader(false);
        }
    }
}
