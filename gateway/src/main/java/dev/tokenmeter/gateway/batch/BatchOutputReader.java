package dev.tokenmeter.gateway.batch;

import dev.tokenmeter.gateway.dialect.BatchLine;
import dev.tokenmeter.gateway.dialect.BatchLines;
import dev.tokenmeter.gateway.dialect.LineSplitter;
import dev.tokenmeter.gateway.dialect.UsageReader;
import dev.tokenmeter.gateway.dialect.UsageReading;
import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;

/**
 * Reads a batch's output while it passes, line by line; no byte is held back. A line longer than the bound is not read and
 * makes it {@link #unreadable}. A file that turns out to hold something else is soon left alone. For one event loop.
 */
public final class BatchOutputReader implements UsageReader {
    private static final int LINES_TO_JUDGE_BY = 100;

    private final BatchLines lines;
    private final int maxLineBytes;
    private final boolean mayBeOther;
    private final Consumer<BatchLine> sink;
    private final LineSplitter splitter = new LineSplitter();
    private int number;
    private boolean found;
    private boolean ignoring;
    private boolean skipping;
    private boolean tooLong;

    /** @param mayBeOther whether this may be no batch's output at all */
    public BatchOutputReader(BatchLines lines, int maxLineBytes, boolean mayBeOther, Consumer<BatchLine> sink) {
        this.lines = lines;
        this.maxLineBytes = maxLineBytes;
        this.mayBeOther = mayBeOther;
        this.sink = sink;
    }

    @Override
    public Buffer pass(Buffer chunk) {
        if (ignoring) {
            return chunk;
        }
        splitter.feed(chunk.getBytes(), this::line);
        if (splitter.pending() > maxLineBytes) {
            tooLong |= !mayBeOther || found;
            skipping = true;
            splitter.takeRest();
        }
        return chunk;
    }

    private void line(byte[] bytes, int from, int to) {
        number++;
        if (skipping || ignoring) {
            skipping = false; // this was the rest of it
            return;
        }
        BatchLine line = lines.read(bytes, from, to, number);
        if (line != null) {
            found = true;
            sink.accept(line);
        }
        ignoring = mayBeOther && !found && number >= LINES_TO_JUDGE_BY;
    }

    @Override
    public boolean complete() {
        return false;
    }

    /** The last line may lack its break. */
    @Override
    public Buffer takeHeld() {
        byte[] rest = splitter.takeRest();
        if (rest.length > 0) {
            line(rest, 0, rest.length);
        }
        return Buffer.buffer();
    }

    @Override
    public boolean unreadable() {
        return tooLong;
    }

    @Override
    public UsageReading reading(boolean endedWell) {
        return UsageReading.NOTHING;
    }
}
