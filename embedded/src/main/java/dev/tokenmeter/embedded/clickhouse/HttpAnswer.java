package dev.tokenmeter.embedded.clickhouse;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes answers as ClickHouse does: status, headers, and the body in LZ4 frames where the client asked for them. */
final class HttpAnswer {
    private static final long MAX_DRAINED = 64L << 20;
    private static final int FRAME = 64 << 10;

    private final HttpExchange exchange;
    private final boolean compress;

    HttpAnswer(HttpExchange exchange, boolean compress) {
        this.exchange = exchange;
        this.compress = compress;
    }

    void header(String name, String value) {
        exchange.getResponseHeaders().set(name, value);
    }

    void plain(int status, String text) throws IOException {
        new HttpAnswer(exchange, false).send(status, text.getBytes(StandardCharsets.UTF_8));
    }

    void error(ChdbException error) throws IOException {
        drain();
        header("X-ClickHouse-Exception-Code", Integer.toString(error.code()));
        header("Content-Type", "text/plain; charset=UTF-8");
        send(error.httpStatus(), (error.getMessage() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Sends all there is. */
    void send(int status, byte[] body) throws IOException {
        byte[] sent = compress ? frames(body) : body;
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, sent.length == 0 || head ? -1 : sent.length);
        if (sent.length > 0 && !head) {
            exchange.getResponseBody().write(sent);
        }
        exchange.close();
    }

    /**
     * Sends the two chunks and those that follow. An error on the way is thrown on, which makes the HTTP server drop the
     * connection: the client sees an answer cut off, and never takes a part for the whole.
     */
    void stream(byte[] first, byte[] second, ChdbResultStream rest, StreamedFormat format) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        write(out, first, 0);
        for (byte[] chunk = second; chunk.length > 0; chunk = rest.next()) {
            write(out, chunk, format.headerLength(chunk));
        }
        exchange.close();
    }

    private void write(OutputStream out, byte[] chunk, int from) throws IOException {
        if (!compress) {
            out.write(chunk, from, chunk.length - from);
            return;
        }
        for (int at = from; at < chunk.length; at += FRAME) {
            out.write(CompressedFrames.compress(chunk, at, Math.min(FRAME, chunk.length - at)));
        }
    }

    private static byte[] frames(byte[] body) throws IOException {
        var out = new java.io.ByteArrayOutputStream();
        for (int at = 0; at < body.length; at += FRAME) {
            out.write(CompressedFrames.compress(body, at, Math.min(FRAME, body.length - at)));
        }
        return out.toByteArray();
    }

    /** A client that still writes does not listen; and what it wrote would be taken for its next request. */
    private void drain() {
        try (InputStream body = exchange.getRequestBody()) {
            byte[] buffer = new byte[FRAME];
            long drained = 0;
            for (int n = body.read(buffer); n >= 0 && drained < MAX_DRAINED; n = body.read(buffer)) {
                drained += n;
            }
        } catch (IOException clientGone) {
            // Then nobody waits for the answer either.
        }
    }
}
