package dev.tokenmeter.gateway.dialect;

/** Reads a stream of server-sent events. */
final class SseUsageReader extends PiecewiseUsageReader {
    private static final String DONE = "[DONE]";

    SseUsageReader(AnswerShape shape, int maxEventBytes, boolean hideUsage) {
        super(new SseSplitter(), shape, maxEventBytes, hideUsage);
    }

    @Override
    AnswerShape.Part read(AnswerShape shape, byte[] bytes, int from, int to) {
        SseEvent event = SseEvent.parse(bytes, from, to);
        if (event.length() == 0) {
            return AnswerShape.Part.CONTENT;
        }
        if (event.is(DONE)) {
            return AnswerShape.Part.LAST;
        }
        return shape.accept(JsonExcerpt.of(shape.wanted(), event.bytes(), event.offset(), event.length())
                .node());
    }
}
