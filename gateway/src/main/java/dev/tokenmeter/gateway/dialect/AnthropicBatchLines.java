package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/**
 * The results of Anthropic's message batches; those that errored, were canceled or expired bill nothing.
 *
 * @see <a href="https://docs.anthropic.com/en/api/retrieving-message-batch-results">results</a>
 * @see <a href="https://docs.anthropic.com/en/docs/build-with-claude/batch-processing">batch processing</a>
 */
final class AnthropicBatchLines implements BatchLines {
    private static final JsonExcerpt.Wanted WANTED = new JsonExcerpt.Wanted(
            Set.of("custom_id", "type", "model", "usage"), Set.of("result", "message"), Set.of());

    @Override
    public JsonExcerpt.Wanted wanted() {
        return WANTED;
    }

    @Override
    public BatchLine of(JsonNode excerpt, int number) {
        JsonNode result = excerpt.path("result");
        String id = Counts.text(excerpt, "custom_id");
        if (id == null || !result.path("type").asText().equals("succeeded")) {
            return null;
        }
        AnthropicAnswer answer = new AnthropicAnswer();
        answer.accept(result);
        return new BatchLine(
                id, null, null, null, Operation.MESSAGES, answer.reading(true).asTier(BatchLine.TIER));
    }
}
