package dev.tokenmeter.gateway.proxy;

import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;

/** The head of a provider's answer: status and headers. */
final class AnswerHead {
    private AnswerHead() {}

    /**
     * Prepares the client's answer.
     *
     * @param shortened whether the gateway takes something out of the body, if it is a stream
     */
    static void copy(HttpClientResponse from, HttpServerResponse to, boolean shortened) {
        to.setStatusCode(from.statusCode());
        if (from.statusMessage() != null) {
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
        return type != null && type.startsWith("text/event-stream");
    }

    /** Whether the body is compressed. */
    static String encoding(HttpClientResponse answer) {
        String encoding = answer.getHeader("content-encoding");
        return encoding == null || encoding.equalsIgnoreCase("identity") ? null : encoding;
    }
}
