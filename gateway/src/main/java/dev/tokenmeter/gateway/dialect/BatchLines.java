package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;

/** How a provider writes a batch's output: a JSON object for each call, one a line. Stateless. */
public sealed interface BatchLines permits OpenAiBatchLines, AnthropicBatchLines, GeminiBatchLines {
    /** The fields that {@link #of} wants to see. */
    JsonExcerpt.Wanted wanted();

    /**
     * The result that an excerpt holds.
     *
     * @param number of the line, from 1, for results that have no id
     * @return null for a call that failed, which bills nothing, and for what is no result
     */
    BatchLine of(JsonNode excerpt, int number);

    /** Whether results may also stand in the answer that tells of the batch. */
    default boolean inlined() {
        return false;
    }

    /** The result that a line of text holds; null as above. */
    default BatchLine read(byte[] bytes, int from, int to, int number) {
        int start = from;
        while (start < to && (bytes[start] == ' ' || bytes[start] == '\r' || bytes[start] == '\n')) {
            start++;
        }
        if (start == to || bytes[start] != '{') {
            return null;
        }
        JsonExcerpt excerpt = JsonExcerpt.of(wanted(), bytes, start, to - start);
        return excerpt.complete() ? of(excerpt.node(), number) : null; // a line cut short is read when it comes whole
    }
}
