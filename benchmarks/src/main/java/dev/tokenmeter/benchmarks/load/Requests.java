package dev.tokenmeter.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The chat request that every contender is given, JSON or streamed. */
public final class Requests {
    private static final String QUESTION = """
            {"model":"gpt-4o-mini","messages":[{"role":"system","content":"You answer in one short paragraph and \
            name your sources where you have any."},{"role":"user","content":"Which rivers that rise in the Alps \
            reach the North Sea, which the Mediterranean, and which the Black Sea?"}],"temperature":0.2,\
            "max_tokens":256,"user":"user-4711"%s}""";

    private static final String BOUNDARY = "benchmark-boundary-7MA4YWxkTrZu0gW";

    private Requests() {}

    /** A request for something that has no body, its bytes. */
    public static byte[] get(int port, String path, Map<String, String> headers) {
        return (head("GET " + path, port, headers) + "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    /** An upload of so many bytes of audio to be transcribed, its bytes. */
    public static byte[] upload(int port, String path, int size, Map<String, String> headers) {
        String part = "--" + BOUNDARY + "\r\ncontent-disposition: form-data; name=\"%s\"%s\r\n\r\n";
        byte[] before = (part.formatted("model", "") + "whisper-1\r\n"
                        + part.formatted("file", "; filename=\"a.wav\"\r\ncontent-type: audio/wav"))
                .getBytes(StandardCharsets.UTF_8);
        byte[] after = ("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8);
        byte[] head = (head("POST " + path, port, headers) + "content-type: multipart/form-data; boundary=" + BOUNDARY
                        + "\r\ncontent-length: " + (before.length + size + after.length) + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(head.length + before.length + size + after.length)
                .put(head)
                .put(before)
                .put(new byte[size])
                .put(after)
                .array();
    }

    private static String head(String what, int port, Map<String, String> headers) {
        StringBuilder head = new StringBuilder(what + " HTTP/1.1\r\nhost: 127.0.0.1:" + port + "\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.toString();
    }

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
