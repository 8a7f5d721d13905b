package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import java.util.Set;

/** Reads, while a request's JSON body passes, the model that it names. For one event loop; keeps nothing else. */
public final class RequestReader {
    private static final JsonExcerpt.Wanted WANTED = new JsonExcerpt.Wanted(Set.of("model"), Set.of(), Set.of());
    private static final int MAX_MODEL_CHARS = 256;

    private final JsonExcerpt excerpt;

    private RequestReader(JsonExcerpt excerpt) {
        this.excerpt = excerpt;
    }

    /** A reader for one request; the factory bounds it. */
    public static RequestReader create(JsonFactory factory) {
        return new RequestReader(JsonExcerpt.inPieces(factory, WANTED));
    }

    /** Takes the next bytes. */
    public void feed(byte[] bytes) {
        excerpt.feed(bytes);
    }

    /** The model as requested; null when none was found (yet). */
    public String model() {
        String model = Counts.text(excerpt.node(), "model");
        return model == null || model.length() <= MAX_MODEL_CHARS ? model : model.substring(0, MAX_MODEL_CHARS);
    }
}
