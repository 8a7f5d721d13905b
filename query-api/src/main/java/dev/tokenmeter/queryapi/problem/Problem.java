package dev.tokenmeter.queryapi.problem;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An error as the client sees it: problem details of RFC 9457.
 *
 * @param status HTTP status
 * @param title the kind of error, always the same for the status
 * @param detail what is wrong here and what would do
 * @param parameter the parameter or body field that is wrong, or null
 */
public record Problem(int status, String title, String detail, String parameter) {
    public static final String MEDIA_TYPE = "application/problem+json";

    /** An error to throw from an endpoint. */
    public static final class Exception extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Problem problem;

        Exception(Problem problem) {
            super(problem.detail());
            this.problem = problem;
        }

        /** What to tell the client. */
        public Problem problem() {
            return problem;
        }
    }

    /** 400: a parameter or body field is wrong; {@code found} and {@code allowed} end no sentence. */
    public static Exception badParameter(String parameter, String found, String allowed) {
        return new Exception(
                new Problem(400, "Bad request", parameter + ": " + found + "; allowed: " + allowed, parameter));
    }

    /** 400: what is wrong with a field, said by who reads it. */
    public static Exception badField(String field, String detail) {
        return new Exception(new Problem(400, "Bad request", detail, field));
    }

    public static Exception badRequest(String detail) {
        return new Exception(new Problem(400, "Bad request", detail, null));
    }

    public static Exception unauthorized() {
        return new Exception(new Problem(
                401, "Unauthorized", "This API needs a token: send the header Authorization: Bearer <token>.", null));
    }

    public static Exception forbidden(String detail) {
        return new Exception(new Problem(403, "Forbidden", detail, null));
    }

    public static Exception notFound(String what) {
        return new Exception(new Problem(404, "Not found", what + " does not exist.", null));
    }

    /** @param allowed media types */
    public static Exception unsupportedMediaType(String allowed) {
        return new Exception(new Problem(415, "Unsupported media type", "Send the body as " + allowed + ".", null));
    }

    public static Exception unavailable(String detail) {
        return new Exception(new Problem(503, "Service unavailable", detail, null));
    }

    /** The document. */
    public Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", "about:blank");
        json.put("title", title);
        json.put("status", status);
        json.put("detail", detail);
        if (parameter != null) {
            json.put("parameter", parameter);
        }
        return json;
    }
}
