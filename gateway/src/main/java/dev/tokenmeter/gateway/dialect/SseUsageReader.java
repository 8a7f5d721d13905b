package dev.tokenmeter.gateway.dialect;

import io.vertx.core.buffer.Buffer;

/** Reads a stream of server-sent events. Whole events flow on as they complete; the last one is held. */
final class SseUsageReader implements UsageReader {
    private static final String DONE = "[DONE]";

    private final AnswerShape shape;
    private final int maxEventBytes;
    private final boolean hideUsage;
    private final SseSplitter splitter = new SseSplitter();
    private Buffer passing;
    private Buffer held = Buffer.buffer();
    private boolean complete;
    private boolean unreadable;

    SseUsageReader(AnswerShape shape, int maxEventBytes, boolean hideUsage) {
        this.shape = shape;
        this.maxEventBytes = maxEventBytes;
        this.hideUsage = hideUsage;
    }

    @Override
    public Buffer pass(Buffer chunk) {
        if (unreadable) {
            return chunk;
        }
        if (complete) {
            held.appendBuffer(chunk);
            return Buffer.buffer();
        }
        passing = Buffer.buffer(chunk.length());
        splitter.feed(chunk.getBytes(), this::event);
        if (complete) {
            held.appendBytes(splitter.takeRest());
        } else if (splitter.pending() > maxEventBytes) {
            unreadable = true;
            passing.appendBytes(splitter.takeRest());
        }
        return passing;
    }

    private void event(byte[] bytes, int from, int to) {
        AnswerShape.Part part = complete ? AnswerShape.Part.CONTENT : read(SseEvent.parse(bytes, from, to));
        complete |= part == AnswerShape.Part.LAST;
        if (part == AnswerShape.Part.USAGE_ONLY && hideUsage) {
            return;
        }
        (complete ? held : passing).appendBytes(bytes, from, to - from);
    }

    private AnswerShape.Part read(SseEvent event) {
        if (event.length() == 0) {
            return AnswerShape.Part.CONTENT;
        }
        if (event.is(DONE)) {
            return AnswerShape.Part.LAST;
        }
        return shape.accept(JsonExcerpt.of(shape.wanted(), event.bytes(), event.offset(), event.length())
                .node());
    }

    @Override
    public boolean complete() {
        return complete;
    }

    /** Some servers leave out the blank line after their last event: what is left is read as an event too. */
    @Override
    public Buffer takeHeld() {
        byte[] rest = splitter.takeRest();
        if (rest.length > 0) {
            passing = held;
            event(rest, 0, rest.length);
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
