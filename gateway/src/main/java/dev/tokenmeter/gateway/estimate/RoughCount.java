package dev.tokenmeter.gateway.estimate;

import dev.tokenmeter.gateway.dialect.Operation;

/** Estimates by bytes alone, for when there is neither time nor memory to count. */
final class RoughCount {
    private static final long BYTES_PER_TOKEN = 4;

    private RoughCount() {}

    static Count of(EndedCall call, Kept request, Kept answer) {
        long output =
                tokens(answer.total(), call.streamed() ? bytesPerStreamedToken(call.operation()) : BYTES_PER_TOKEN);
        boolean producesText = call.operation() != Operation.EMBEDDINGS;
        return new Count(
                Count.Method.HEURISTIC, tokens(request.total(), BYTES_PER_TOKEN), producesText ? output : 0, 0, false);
    }

    private static long tokens(long bytes, long bytesPerToken) {
        return (bytes + bytesPerToken - 1) / bytesPerToken;
    }

    /**
     * Most of a stream is what stands around the text. OpenAI's events, of some 250 bytes, have one token each,
     * Anthropic's, of 140, about four, Gemini's, of 450, some thirty.
     */
    private static long bytesPerStreamedToken(Operation operation) {
        return switch (operation) {
            case MESSAGES -> 35;
            case GENERATE_CONTENT -> 15;
            default -> 250;
        };
    }
}
