package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Set;

/**
 * OpenAI's batch output, whose {@code response.body} is what the call would have answered; Azure's, Mistral's and Groq's is
 * the same.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/batch/request-output">the output object</a>
 * @see <a href="https://platform.openai.com/docs/guides/batch">batch API</a>
 */
final class OpenAiBatchLines implements BatchLines {
    private static final JsonExcerpt.Wanted WANTED = new JsonExcerpt.Wanted(
                    Set.of(
                            "id",
                            "custom_id",
                            "status_code",
                            "request_id",
                            "object",
                            "created",
                            "created_at",
                            "type",
                            "model",
                            "usage",
                            "status",
                            "code",
                            "message",
                            "container_id"),
                    Set.of("response", "body", "action", "error"),
                    Set.of("choices", "data"))
            .tallying("output", OpenAiTools::sort);
    private static final int REDIRECTS = 300;

    private final boolean gemini;

    /** @param gemini as for {@link OpenAiAnswer} */
    OpenAiBatchLines(boolean gemini) {
        this.gemini = gemini;
    }

    @Override
    public JsonExcerpt.Wanted wanted() {
        return WANTED;
    }

    @Override
    public BatchLine of(JsonNode excerpt, int number) {
        JsonNode response = excerpt.path("response");
        JsonNode body = response.path("body");
        String id = Counts.text(excerpt, "id");
        id = id == null ? Counts.text(excerpt, "custom_id") : id;
        long status = Counts.of(response, "status_code");
        if (id == null || !excerpt.has("custom_id") || !body.isObject() || status >= REDIRECTS) {
            return null;
        }
        Operation operation = operation(body);
        OpenAiAnswer answer = new OpenAiAnswer(operation, gemini);
        answer.accept(body);
        Instant created = BatchHead.time(body.path("created"));
        return new BatchLine(
                id,
                created == null ? BatchHead.time(body.path("created_at")) : created,
                status == 0 ? null : (int) status,
                Counts.text(response, "request_id"),
                operation,
                answer.reading(true).asTier(BatchLine.TIER));
    }

    private static Operation operation(JsonNode body) {
        return switch (body.path("object").asText()) {
            case "chat.completion" -> Operation.CHAT;
            case "response" -> Operation.RESPONSES;
            case "text_completion" -> Operation.COMPLETIONS;
            case "list" -> Operation.EMBEDDINGS;
            default -> Operation.OTHER;
        };
    }
}
