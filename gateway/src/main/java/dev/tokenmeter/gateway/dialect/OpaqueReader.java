package dev.tokenmeter.gateway.dialect;

import io.vertx.core.buffer.Buffer;

/** Lets an answer pass that holds no usage (speech, an image) or hides it (compressed in spite of our asking). */
final class OpaqueReader implements UsageReader {
    private final boolean unreadable;

    OpaqueReader(boolean unreadable) {
        this.unreadable = unreadable;
    }

    @Override
    public Buffer pass(Buffer chunk) {
        return chunk;
    }

    @Override
    public boolean complete() {
        return false;
    }

    @Override
    public Buffer takeHeld() {
        return Buffer.buffer();
    }

    @Override
    public boolean reads() {
        return false;
    }

    @Override
    public boolean unreadable() {
        return unreadable;
    }

    @Override
    public UsageReading reading(boolean endedWell) {
        return UsageReading.NOTHING;
    }
}
