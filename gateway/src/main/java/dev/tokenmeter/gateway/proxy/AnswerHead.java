package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.coding.Decoders;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;

/** The head of a provider's answer: status and headers. */
final class AnswerHead {
    private static final String EVENT_STREAM = "text/event-stream";

    private AnswerHead() {}

    /**
     * Prepares the client's answer.
     *
     * @param shortened whether the gateway takes something out of the body, if it is a stream
     */
    static void copy(HttpClientResponse from, HttpServerResponse to, boolean shortened) {
        to.setStatusCode(from.statusCode());
        if (from.statusMessage() != null && !from.statusMessage().equals(to.getStatusMessage())) {
            to.setStatusMessage(from.statusMessage());
        }
        Headers.copyAnswer(from.headers(), to.headers());
        if (shortened && isStream(from)) {
            to.headers().remove("content-length");
        }
        if (!to.headers().contains("content-length") && mayHaveBody(from.statusCode())) {
            to.setChunked(true);
        }
    }

    private static boolean mayHaveBody(int status) {
        return status != 204 && status != 304 && status >= 200;
    }

    /** Whether the body is an event stream. */
    static boolean isStream(HttpClientResponse answer) {
        String type = answer.getHeader("content-type");
        return type != null && type.regionMatches(true, 0, EVENT_STREAM, 0, EVENT_STREAM.length());
    }

    /** How the body is compressed; null for not. */
    static String encoding(HttpClientResponse answer) {
        return Decoders.coding(answer.headers());
    }
}
