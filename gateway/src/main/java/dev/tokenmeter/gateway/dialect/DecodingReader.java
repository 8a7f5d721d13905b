package dev.tokenmeter.gateway.dialect;

import dev.tokenmeter.gateway.coding.ContentDecoder;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/**
 * Reads an answer that came compressed in spite of our asking. Its bytes go to the client as they are, its end is held; what
 * is decoded is only read. One that decodes to absurdly much is not read to its end.
 */
final class DecodingReader implements UsageReader {
    /** More than JSON and event streams take, far less than a bomb. */
    private static final int MAX_RATIO = 200;

    private final ContentDecoder decoder;
    private final UsageReader inner;
    private final int slack;
    private long received;
    private long decoded;
    private boolean broken;
    private boolean closed;
    private Buffer held = Buffer.buffer();

    /** @param slack what any answer may decode to, bytes */
    DecodingReader(ContentDecoder decoder, UsageReader inner, int slack) {
        this.decoder = decoder;
        this.inner = inner;
        this.slack = slack;
    }

    @Override
    public Buffer pass(Buffer chunk) {
        received += chunk.length();
        if (!broken && !closed) {
            try {
                decoder.feed(chunk.getBytes(), this::read);
            } catch (IOException e) {
                broken = true;
            }
        }
        if (!inner.complete()) {
            return chunk;
        }
        held.appendBuffer(chunk);
        return Buffer.buffer();
    }

    private boolean read(byte[] part) {
        decoded += part.length;
        broken = decoded > slack + MAX_RATIO * received;
        if (!broken) {
            inner.pass(Buffer.buffer(part));
        }
        return !broken && !inner.unreadable();
    }

    @Override
    public boolean complete() {
        return inner.complete();
    }

    @Override
    public Buffer takeHeld() {
        inner.takeHeld();
        Buffer taken = held;
        held = Buffer.buffer();
        return taken;
    }

    @Override
    public boolean unreadable() {
        return broken || inner.unreadable();
    }

    @Override
    public UsageReading reading(boolean endedWell) {
        if (!closed) {
            closed = true;
            decoder.close();
        }
        return inner.reading(endedWell && !broken);
    }

    /** What passes is not its text. */
    @Override
    public boolean reads() {
        return false;
    }
}
