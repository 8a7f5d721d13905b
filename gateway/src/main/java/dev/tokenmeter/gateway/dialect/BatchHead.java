package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a provider says of a batch itself.
 *
 * @param id the provider's
 * @param submittedAt UTC; null when it is not said
 * @param fileIds of the files with its output and its errors, as far as they are there
 * @see <a href="https://platform.openai.com/docs/api-reference/batch/object">OpenAI's batch object</a>
 * @see <a href="https://docs.mistral.ai/api/endpoint/batch">Mistral's batch job</a>
 * @see <a href="https://docs.anthropic.com/en/api/retrieving-message-batches">Anthropic's message batch</a>
 * @see <a href="https://ai.google.dev/api/batch-api">Gemini's batch API</a>
 */
public record BatchHead(String id, Instant submittedAt, List<String> fileIds) {
    private static final int MAX_ID_CHARS = 200;
    private static final List<String> FILES =
            List.of("output_file_id", "error_file_id", "output_file", "error_file", "responsesFile");

    /** From an excerpt by {@link BatchHeadReader}; null when it names no batch. */
    static BatchHead of(JsonNode answer) {
        String id = Counts.text(answer, "id");
        id = withoutFolder(id == null ? Counts.text(answer, "name") : id);
        if (id == null) {
            return null;
        }
        List<String> files = new ArrayList<>();
        for (JsonNode object : List.of(answer, answer.path("response"))) {
            for (String name : FILES) {
                String file = withoutFolder(Counts.text(object, name));
                if (file != null) {
                    files.add(file);
                }
            }
        }
        Instant created = time(answer.path("created_at"));
        return new BatchHead(
                id, created == null ? time(answer.path("metadata").path("createTime")) : created, List.copyOf(files));
    }

    /** Google's names begin with their folder: {@code batches/}, {@code files/}. */
    private static String withoutFolder(String name) {
        return name == null || name.length() > MAX_ID_CHARS ? null : name.substring(name.indexOf('/') + 1);
    }

    /** Seconds since 1970, or RFC 3339; null for neither. */
    static Instant time(JsonNode time) {
        try {
            if (time.isIntegralNumber() && time.canConvertToLong() && time.longValue() > 0) {
                return Instant.ofEpochSecond(time.longValue());
            }
            return time.isTextual() ? Instant.parse(time.textValue()) : null;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
