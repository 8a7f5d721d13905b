package dev.tokenmeter.gateway.dialect;

import io.vertx.core.buffer.Buffer;

/** Reads a stream of JSON documents, one a line. Whole lines flow on as they complete; the last one is held. */
final class LinesUsageReader implements UsageReader {
    private final AnswerShape shape;
    private final int maxLineBytes;
    private final LineSplitter splitter = new LineSplitter();
    private Buffer passing = Buffer.buffer();
    private Buffer held = Buffer.buffer();
    private boolean complete;
    private boolean unreadable;

    LinesUsageReader(AnswerShape shape, int maxLineBytes) {
        this.shape = shape;
        this.maxLineBytes = maxLineBytes;
    }

    @Override
    public Buffer pass(Buffer chunk) {
        if (unreadable) {
            return chunk;
        }
        passing = Buffer.buffer(chunk.length());
        splitter.feed(chunk.getBytes(), this::line);
        if (complete) {
            held.appendBytes(splitter.takeRest());
        } else if (splitter.pending() > maxLineBytes) {
            unreadable = true;
            passing.appendBytes(splitter.takeRest());
        }
        return passing;
    }

    private void line(byte[] bytes, int from, int to) {
        if (!complete) {
            AnswerShape.Part part = shape.accept(
                    JsonExcerpt.of(shape.wanted(), bytes, from, to - from).node());
            complete = part == AnswerShape.Part.LAST;
        }
        (complete ? held : passing).appendBytes(bytes, from, to - from);
    }

    @Override
    public boolean complete() {
        return complete;
    }

    /** The last line may lack its break. */
    @Override
    public Buffer takeHeld() {
        byte[] rest = splitter.takeRest();
        if (rest.length > 0) {
            passing = held;
            line(rest, 0, rest.length);
        }
        Buffer taken = held;
        held = Buffer.buffer();
        return taken;
    }

    @Override
    public boolean unreadable() {
        return unreadable;
    }

    @Override
    public UsageReading reading(boolean endedWell) {
        return shape.reading(endedWell);
    }
}
