package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import io.vertx.core.buffer.Buffer;

/** Reads an answer that is one JSON document, or an array of them; the bytes that close it are held. */
final class JsonUsageReader implements UsageReader {
    private final AnswerShape shape;
    private final JsonExcerpt excerpt;
    private Buffer held = Buffer.buffer();
    private boolean accepted;
    private boolean begun;

    JsonUsageReader(AnswerShape shape, JsonFactory json) {
        this.shape = shape;
        this.excerpt = JsonExcerpt.inPieces(json, shape.wanted(), shape::accept);
    }

    @Override
    public Buffer pass(Buffer chunk) {
        if (!excerpt.complete()) {
            read(chunk.getBytes());
        }
        if (!excerpt.complete()) {
            return chunk;
        }
        held = held.length() == 0 ? chunk : held.copy().appendBuffer(chunk);
        return Buffer.buffer();
    }

    private void read(byte[] bytes) {
        boolean first = !begun;
        begun = true;
        if (!first || !excerpt.takeWhole(bytes)) {
            excerpt.feed(bytes);
        }
    }

    @Override
    public boolean complete() {
        return excerpt.complete();
    }

    @Override
    public Buffer takeHeld() {
        Buffer taken = held;
        held = Buffer.buffer();
        return taken;
    }

    @Override
    public boolean unreadable() {
        return excerpt.broken();
    }

    @Override
    public UsageReading reading(boolean endedWell) {
        if (!accepted) {
            accepted = true;
            shape.accept(excerpt.node());
        }
        return shape.reading(endedWell && excerpt.complete());
    }
}
