package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/**
 * The results of Gemini's batches, in a file or in the answer that tells of the batch.
 *
 * @see <a href="https://ai.google.dev/gemini-api/docs/batch-api">batch API</a>
 */
final class GeminiBatchLines implements BatchLines {
    private static final JsonExcerpt.Wanted WANTED = GeminiGrounding.in(new JsonExcerpt.Wanted(
            Set.of("key", "usageMetadata", "modelVersion", "responseId"), Set.of("response", "metadata"), Set.of()));

    @Override
    public JsonExcerpt.Wanted wanted() {
        return WANTED;
    }

    @Override
    public boolean inlined() {
        return true;
    }

    @Override
    public BatchLine of(JsonNode excerpt, int number) {
        JsonNode response = excerpt.path("response");
        if (!response.path("usageMetadata").isObject()) {
            return null;
        }
        GeminiAnswer answer = new GeminiAnswer();
        answer.accept(response);
        return new BatchLine(
                id(excerpt, response, number),
                null,
                null,
                null,
                Operation.GENERATE_CONTENT,
                answer.reading(true).asTier(BatchLine.TIER));
    }

    private static String id(JsonNode excerpt, JsonNode response, int number) {
        String id = Counts.text(response, "responseId");
        for (JsonNode named : new JsonNode[] {excerpt, excerpt.path("metadata")}) {
            id = id == null ? Counts.text(named, "key") : id;
        }
        return id == null ? "#" + number : id;
    }
}
