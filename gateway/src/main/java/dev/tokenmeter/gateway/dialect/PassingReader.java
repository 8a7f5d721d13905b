package dev.tokenmeter.gateway.dialect;

import io.vertx.core.buffer.Buffer;

/** Holds nothing back and reads no usage. */
abstract class PassingReader implements UsageReader {
    @Override
    public Buffer pass(Buffer chunk) {
        return chunk;
    }

    @Override
    public final boolean complete() {
        return false;
    }

    @Override
    public final Buffer takeHeld() {
        return Buffer.buffer();
    }

    @Override
    public boolean unreadable() {
        return false;
    }

    @Override
    public final UsageReading reading(boolean endedWell) {
        return UsageReading.NOTHING;
    }
}
