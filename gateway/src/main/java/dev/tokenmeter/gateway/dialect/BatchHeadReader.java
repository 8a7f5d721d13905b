package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads what an answer says of batches, one or a list, while it passes, and the results of a batch of Gemini's that stand
 * in it. For one event loop.
 */
public final class BatchHeadReader extends PassingReader {
    private static final int MAX_HEADS = 1000;

    private final JsonExcerpt excerpt;
    private final List<BatchHead> heads = new ArrayList<>();
    private int results;

    /** @param lines takes results by their number; null where answers hold none */
    public BatchHeadReader(JsonFactory json, BatchLines lines, Consumer<BatchLine> sink) {
        excerpt = JsonExcerpt.inPieces(
                json, lines != null && lines.inlined() ? withResults(lines, sink) : withList(), null);
    }

    private static JsonExcerpt.Wanted wanted(Set<String> opened) {
        return new JsonExcerpt.Wanted(
                Set.of(
                        "id",
                        "name",
                        "created_at",
                        "createTime",
                        "output_file_id",
                        "error_file_id",
                        "output_file",
                        "error_file",
                        "responsesFile",
                        "key",
                        "usageMetadata",
                        "modelVersion",
                        "responseId"),
                opened,
                Set.of());
    }

    private JsonExcerpt.Wanted withList() {
        return wanted(Set.of()).tallying("data", element -> {
            add(BatchHead.of(element));
            return null;
        });
    }

    /** An array of results stands, under the same name twice, in {@code response}. */
    private JsonExcerpt.Wanted withResults(BatchLines lines, Consumer<BatchLine> sink) {
        return GeminiGrounding.in(wanted(Set.of("metadata", "response", "inlinedResponses", "error")))
                .tallying("inlinedResponses", element -> {
                    BatchLine line = lines.of(element, ++results);
                    if (line != null) {
                        sink.accept(line);
                    }
                    return null;
                });
    }

    private void add(BatchHead head) {
        if (head != null && heads.size() < MAX_HEADS) {
            heads.add(head);
        }
    }

    /** What was said; to be asked once the answer has passed. */
    public List<BatchHead> heads() {
        List<BatchHead> all = new ArrayList<>(heads);
        BatchHead own = BatchHead.of(excerpt.node());
        if (own != null) {
            all.add(own);
        }
        return all;
    }

    @Override
    public Buffer pass(Buffer chunk) {
        if (!excerpt.complete()) {
            excerpt.feed(chunk.getBytes());
        }
        return chunk;
    }
}
