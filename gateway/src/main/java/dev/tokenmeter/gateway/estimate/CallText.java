package dev.tokenmeter.gateway.estimate;

import dev.tokenmeter.gateway.dialect.Operation;
import java.util.Collection;
import java.util.Optional;

/** The text of a call, taken out of its JSON. For one thread. */
final class CallText {
    private final EndedCall call;
    private final Kept request;
    private final Kept answer;

    private CallText(EndedCall call, Kept request, Kept answer) {
        this.call = call;
        this.request = request;
        this.answer = answer;
    }

    /** Empty when bytes came and none of them could be kept. */
    static Optional<CallText> of(EndedCall call, Kept request, Kept answer) {
        boolean nothingKept = request.length() == 0 && request.total() > 0;
        boolean producesText = call.operation() != Operation.EMBEDDINGS;
        nothingKept |= producesText && answer.length() == 0 && answer.total() > 0;
        return nothingKept ? Optional.empty() : Optional.of(new CallText(call, request, answer));
    }

    Count count(TokenCounter counter) {
        RequestText asked = RequestText.of(request.bytes());
        long input = asked.tokens() + count(counter, asked.texts());
        Produced produced = AnswerText.of(answer.bytes(), call.streamed());
        return new Count(
                request.whole() && (answer.whole() || answer.length() == 0)
                        ? Count.Method.TOKENIZER
                        : Count.Method.EXTRAPOLATED,
                request.extrapolated(input),
                answer.extrapolated(count(counter, produced.texts())),
                answer.extrapolated(count(counter, produced.reasonings())),
                produced.wasCounted());
    }

    private long count(TokenCounter counter, Collection<? extends CharSequence> texts) {
        String model = call.modelToCountFor();
        long tokens = 0;
        for (CharSequence text : texts) {
            tokens += counter.count(model, text);
        }
        return tokens;
    }
}
