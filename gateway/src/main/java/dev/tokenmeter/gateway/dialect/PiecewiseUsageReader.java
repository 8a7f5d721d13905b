package dev.tokenmeter.gateway.dialect;

import io.vertx.core.buffer.Buffer;

/** Reads a stream of pieces, such as lines or events. Whole pieces flow on as they complete; the last one is held. */
abstract class PiecewiseUsageReader implements UsageReader {
    private final StreamSplitter splitter;
    private final AnswerShape shape;
    private final int maxPieceBytes;
    private final boolean hideUsage;
    private Buffer passing = Buffer.buffer();
    private Buffer held = Buffer.buffer();
    private boolean complete;
    private boolean unreadable;

    /**
     * @param maxPieceBytes longest piece that is read; from a longer one on all passes unread
     * @param hideUsage whether to take out pieces that hold nothing but usage
     */
    PiecewiseUsageReader(StreamSplitter splitter, AnswerShape shape, int maxPieceBytes, boolean hideUsage) {
        this.splitter = splitter;
        this.shape = shape;
        this.maxPieceBytes = maxPieceBytes;
        this.hideUsage = hideUsage;
    }

    /** What a piece is to the shape. */
    abstract AnswerShape.Part read(AnswerShape shape, byte[] bytes, int from, int to);

    @Override
    public final Buffer pass(Buffer chunk) {
        if (unreadable) {
            return chunk;
        }
        if (complete) {
            held.appendBuffer(chunk);
            return Buffer.buffer();
        }
        passing = Buffer.buffer(chunk.length());
        splitter.feed(chunk.getBytes(), this::piece);
        if (complete) {
            held.appendBytes(splitter.takeRest());
        } else if (splitter.pending() > maxPieceBytes) {
            unreadable = true;
            passing.appendBytes(splitter.takeRest());
        }
        return passing;
    }

    private void piece(byte[] bytes, int from, int to) {
        AnswerShape.Part part = complete ? AnswerShape.Part.CONTENT : read(shape, bytes, from, to);
        complete |= part == AnswerShape.Part.LAST;
        if (part == AnswerShape.Part.USAGE_ONLY && hideUsage) {
            return;
        }
        (complete ? held : passing).appendBytes(bytes, from, to - from);
    }

    @Override
    public final boolean complete() {
        return complete;
    }

    /** Some servers leave out what ends their last piece: what is left is read as a piece too. */
    @Override
    public final Buffer takeHeld() {
        byte[] rest = splitter.takeRest();
        if (rest.length > 0) {
            passing = held;
            piece(rest, 0, rest.length);
        }
        Buffer taken = held;
        held = Buffer.buffer();
        return taken;
    }

    @Override
    public final boolean unreadable() {
        return unreadable;
    }

    @Override
    public final UsageReading reading(boolean endedWell) {
        return shape.reading(endedWell);
    }
}
