package dev.tokenmeter.queryapi.http;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an endpoint answers.
 *
 * @param status HTTP status
 * @param body to be written as JSON, if it is neither {@link Text} nor {@link Bytes}; or null for none
 */
public record ApiAnswer(int status, Object body) {
    /** A body in another format. */
    public record Text(String mediaType, String text) {}

    /** A body of bytes; not to be changed. */
    public record Bytes(String mediaType, byte[] bytes) {}

    /** 200 with bytes. */
    public static ApiAnswer bytes(String mediaType, byte[] bytes) {
        return new ApiAnswer(200, new Bytes(mediaType, bytes));
    }

    /** 200 with a text. */
    public static ApiAnswer text(String mediaType, String text) {
        return new ApiAnswer(200, new Text(mediaType, text));
    }

    /** 200 with {@code {"data": …}}. */
    public static ApiAnswer data(Object data) {
        return new ApiAnswer(200, Map.of("data", data));
    }

    /** 200 with {@code {"data": …, "meta": …}}. */
    public static ApiAnswer data(Object data, Map<String, Object> meta) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("data", data);
        body.put("meta", meta);
        return new ApiAnswer(200, body);
    }

    /** 201 with {@code {"data": …}}. */
    public static ApiAnswer created(Object data) {
        return new ApiAnswer(201, Map.of("data", data));
    }

    /** 202 with {@code {"data": …}}: it is under way. */
    public static ApiAnswer accepted(Object data) {
        return new ApiAnswer(202, Map.of("data", data));
    }

    /** 204. */
    public static ApiAnswer nothing() {
        return new ApiAnswer(204, null);
    }
}
