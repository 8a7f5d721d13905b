package dev.tokenmeter.gateway.dialect;

/** Reads a stream of JSON documents, one a line. */
final class LinesUsageReader extends PiecewiseUsageReader {
    LinesUsageReader(AnswerShape shape, int maxLineBytes) {
        super(new LineSplitter(), shape, maxLineBytes, false);
    }

    @Override
    AnswerShape.Part read(AnswerShape shape, byte[] bytes, int from, int to) {
        return shape.accept(
                JsonExcerpt.of(shape.wanted(), bytes, from, to - from).node());
    }
}
