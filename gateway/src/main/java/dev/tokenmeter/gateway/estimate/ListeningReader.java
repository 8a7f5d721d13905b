package dev.tokenmeter.gateway.estimate;

import dev.tokenmeter.gateway.dialect.UsageReader;
import dev.tokenmeter.gateway.dialect.UsageReading;
import io.vertx.core.buffer.Buffer;

/** Reads usage, and records what it reads. For one event loop. */
public final class ListeningReader implements UsageReader {
    private final UsageReader reader;
    private final Recording recording;

    public ListeningReader(UsageReader reader, Recording recording) {
        this.reader = reader;
        this.recording = recording;
    }

    @Override
    public Buffer pass(Buffer chunk) {
        recording.add(chunk);
        return reader.pass(chunk);
    }

    @Override
    public boolean complete() {
        return reader.complete();
    }

    @Override
    public Buffer takeHeld() {
        return reader.takeHeld();
    }

    @Override
    public boolean unreadable() {
        return reader.unreadable();
    }

    @Override
    public UsageReading reading(boolean endedWell) {
        return reader.reading(endedWell);
    }
}
