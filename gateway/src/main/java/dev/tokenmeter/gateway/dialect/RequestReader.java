package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import java.util.Arrays;
import java.util.Set;

/**
 * Reads, while a request's JSON body passes, the few fields of it that an event names. Keeps neither its content nor long
 * values. For one event loop.
 */
public final class RequestReader {
    private static final JsonExcerpt.Wanted MODEL = new JsonExcerpt.Wanted(Set.of("model"), Set.of(), Set.of());
    private static final JsonExcerpt.Wanted ALL =
            new JsonExcerpt.Wanted(Set.of("model", "metadata", "user", "safety_identifier"), Set.of(), Set.of());
    /** More than the longest tag takes, each of its characters escaped. */
    private static final int MAX_STRING_BYTES = 8192;

    private final StringShortener shortener = new StringShortener(MAX_STRING_BYTES);
    private final JsonExcerpt excerpt;
    private final boolean modelOnly;
    private int left;

    private RequestReader(JsonExcerpt excerpt, boolean modelOnly, int maxBytes) {
        this.left = maxBytes;
        this.excerpt = excerpt;
        this.modelOnly = modelOnly;
    }

    /**
     * A reader for one request.
     *
     * @param modelOnly whether it stops at the model
     * @param maxBytes how far it reads
     */
    public static RequestReader create(JsonFactory factory, boolean modelOnly, int maxBytes) {
        return new RequestReader(JsonExcerpt.inPieces(factory, modelOnly ? MODEL : ALL), modelOnly, maxBytes);
    }

    /** Takes the next bytes. */
    public void feed(byte[] bytes) {
        if (!excerpt.complete()
                && !excerpt.broken()
                && !(modelOnly && excerpt.node().has("model"))) {
            byte[] within = bytes.length <= left ? bytes : Arrays.copyOf(bytes, left);
            left -= within.length;
            excerpt.feed(shortener.shorten(within));
        }
    }

    /** What was found so far. */
    public RequestFields fields() {
        return RequestFields.of(excerpt.node());
    }
}
