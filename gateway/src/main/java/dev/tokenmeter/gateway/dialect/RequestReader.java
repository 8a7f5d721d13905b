package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads, while a request's body passes, the few fields of it that an event names. Keeps neither its content nor long values.
 * For one event loop.
 */
public interface RequestReader {
    /** Takes the next bytes. The array is not kept. */
    void feed(byte[] bytes);

    /** What was found so far. */
    RequestFields fields();

    /**
     * A reader for one request.
     *
     * @param contentType of its body; null when it has none
     * @param modelOnly whether it may stop at the model
     * @param maxBytes how far it reads
     * @return empty for a body that is neither JSON nor a form; one of a call that takes text is JSON unless it is a form
     */
    static Optional<RequestReader> create(
            JsonFactory factory, String contentType, Operation operation, boolean modelOnly, int maxBytes) {
        String type = contentType == null ? "" : contentType;
        if (isJson(contentType, operation)) {
            return Optional.of(new JsonRequestReader(factory, operation, modelOnly, maxBytes));
        }
        return MultipartRequestReader.create(type).map(RequestReader.class::cast);
    }

    /**
     * Whether a body is to be read as JSON. What a caller says of it is not decisive where the provider takes nothing else.
     *
     * @param operation null for a call that bills nothing
     */
    static boolean isJson(String contentType, Operation operation) {
        String type = contentType == null ? "" : contentType.toLowerCase(Locale.ROOT);
        return type.contains("json") || operation != null && operation.takesText() && !type.contains("multipart/");
    }
}
