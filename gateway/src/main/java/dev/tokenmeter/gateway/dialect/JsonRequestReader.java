package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import java.util.Arrays;
import java.util.Set;

/** Reads the fields of a JSON request. */
final class JsonRequestReader implements RequestReader {
    private static final JsonExcerpt.Wanted MODEL = new JsonExcerpt.Wanted(Set.of("model"), Set.of(), Set.of());
    private static final JsonExcerpt.Wanted ALL =
            new JsonExcerpt.Wanted(Set.of("model", "metadata", "user", "safety_identifier"), Set.of(), Set.of());
    private static final JsonExcerpt.Wanted IMAGES =
            new JsonExcerpt.Wanted(Set.of("model", "user", "safety_identifier", "size", "quality"), Set.of(), Set.of());
    private static final JsonExcerpt.Wanted SPEECH =
            new JsonExcerpt.Wanted(Set.of("model", "user"), Set.of(), Set.of()).measuring("input");
    /** More than the longest tag takes, each of its characters escaped. */
    private static final int MAX_STRING_BYTES = 8192;
    /** Far more than a provider speaks at once (OpenAI: 4096 characters). */
    private static final int MAX_SPEECH_BYTES = 1 << 20;

    private final StringShortener shortener;
    private final JsonExcerpt excerpt;
    private final boolean modelOnly;
    private int left;
    private boolean begun;

    JsonRequestReader(JsonFactory factory, Operation operation, boolean modelOnly, int maxBytes) {
        boolean speech = operation == Operation.SPEECH;
        boolean images = operation == Operation.IMAGES;
        this.shortener = new StringShortener(speech ? MAX_SPEECH_BYTES : MAX_STRING_BYTES);
        this.modelOnly = modelOnly && !speech && !images;
        JsonExcerpt.Wanted inGeneral = modelOnly ? MODEL : ALL;
        this.excerpt = JsonExcerpt.inPieces(factory, speech ? SPEECH : images ? IMAGES : inGeneral);
        this.left = maxBytes;
    }

    @Override
    public void feed(byte[] bytes) {
        if (!excerpt.complete()
                && !excerpt.broken()
                && !(modelOnly && excerpt.node().has("model"))) {
            byte[] within = bytes.length <= left ? bytes : Arrays.copyOf(bytes, left);
            left -= within.length;
            boolean first = !begun;
            begun = true;
            boolean allShort = within.length <= MAX_STRING_BYTES; // no string in it can be longer
            if (!first || !allShort || !excerpt.takeWhole(within)) {
                excerpt.feed(shortener.shorten(within));
            }
        }
    }

    @Override
    public RequestFields fields() {
        return RequestFields.of(excerpt.node());
    }
}
