package dev.tokenmeter.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The chat request that every contender is given, JSON or streamed. */
public final class Requests {
    private static final String QUESTION = """
            {"model":"gpt-4o-mini","messages":[{"role":"system","content":"You answer in one short paragraph and \
            name your sources where you have any."},{"role":"user","content":"Which rivers that rise in the Alps \
            reach the North Sea, which the Mediterranean, and which the Black Sea?"}],"temperature":0.2,\
            "max_tokens":256,"user":"user-4711"%s}""";

    private Requests() {}

    /**
     * One request's bytes.
     *
     * @param stream whether its answer is to be streamed; the caller then asks for usage itself, as the SDKs' users do
     */
    public static byte[] chat(int port, String path, boolean stream, Map<String, String> headers) {
        String body = QUESTION.formatted(stream ? ",\"stream\":true,\"stream_options\":{\"include_usage\":true}" : "");
        StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\n");
        head.append("host: 127.0.0.1:").append(port).append("\r\n");
        head.append("content-type: application/json\r\naccept: application/json\r\nuser-agent: benchmark\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("content-length: ")
                .append(body.getBytes(StandardCharsets.UTF_8).length)
                .append("\r\n\r\n");
        return (head + body).getBytes(StandardCharsets.UTF_8);
    }
}
